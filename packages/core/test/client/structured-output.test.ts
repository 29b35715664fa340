import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import {
  type ChatCompletion,
  type ChatRequest,
  type ClientOptions,
  createClient,
  memoryStore,
  type NotAdmitted,
  type RememEvent,
  type ResponseSchema,
  SchemaMismatchError,
} from "../../src/index.ts";

const GOOD = '{"name":"Ada","age":36}';
const BAD = '{"name":"Ada","age":"old"}';
const prompt = "Who wrote the first program?";

const person = z.object({ name: z.string(), age: z.number().int() });

interface Tree {
  name: string;
  children: Tree[];
}
const tree: z.ZodType<Tree> = z.object({ name: z.string(), children: z.array(z.lazy(() => tree)) });

/** What a Standard Schema of each library, and a plain JSON Schema, say about the same object. */
const SCHEMAS: Record<string, ResponseSchema<{ name: string; age: number }>> = {
  zod: person,
  "valibot with toStandardJsonSchema": toStandardJsonSchema(
    v.object({ name: v.string(), age: v.pipe(v.number(), v.integer()) }),
  ),
  arktype: type({ name: "string", age: "number.integer" }),
  "a plain JSON Schema": {
    type: "object",
    properties: { name: { type: "string" }, age: { type: "integer" } },
    required: ["name", "age"],
    additionalProperties: false,
  },
};

function completion(content: string | null, message: object = {}, finish_reason = "stop"): ChatCompletion {
  const choice = { index: 0, finish_reason, message: { role: "assistant", content, ...message } };
  return { id: "1", object: "chat.completion", created: 1, model: "m", choices: [choice] };
}

/** A client whose provider gives these answers, the last one for all further requests. */
function setUp(answers: ReadonlyArray<string | ChatCompletion>, options: Partial<ClientOptions> = {}) {
  const calls: ChatRequest[] = [];
  const events: RememEvent[] = [];
  const client = createClient({
    provider: {
      specVersion: 1,
      id: "scripted",
      async generate(request) {
        calls.push(request);
        const answer = answers[Math.min(calls.length, answers.length) - 1]!;
        return typeof answer === "string" ? completion(answer) : answer;
      },
    },
    store: memoryStore(),
    params: { model: "m" },
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => client.close());
  const notAdmitted = () => events.filter((event): event is NotAdmitted => event.type === "not-admitted");
  return { client, calls, notAdmitted };
}

describe.each(Object.entries(SCHEMAS))("with %s", (_, schema) => {
  test("the schema is sent as a strict response_format, and the object is validated on a miss and a hit", async () => {
    const { client, calls } = setUp([GOOD]);
    for (const source of ["provider", "store"]) {
      const result = await client.infer({ messages: prompt }, { schema });
      expect(result).toMatchObject({ source, response: GOOD, object: { name: "Ada", age: 36 } });
    }
    expect(calls).toHaveLength(1);
    expect(calls[0]?.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { name: "answer", strict: true, schema: { type: "object", additionalProperties: false } },
    });
    expect(calls[0]?.response_format).not.toHaveProperty("json_schema.schema.$schema");
  });

  test("an answer that does not match is a typed failure, is reported, and is not stored", async () => {
    const { client, calls, notAdmitted } = setUp([BAD, GOOD]);
    const error: unknown = await client.infer(prompt, {}, { schema }).catch((error: unknown) => error);
    expect(SchemaMismatchError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "SCHEMA_MISMATCH", response: BAD });
    expect((error as SchemaMismatchError).issues.map(({ path }) => path)).toContain("/age");
    expect((error as SchemaMismatchError).message).toMatch(/^The answer does not match `schema`: .*\/age: /);
    expect(notAdmitted()).toMatchObject([{ reason: "schema" }]);
    expect(client.stats().notStored).toEqual({ schema: 1 });
    expect((await client.infer(prompt, {}, { schema })).source).toBe("provider");
    expect(calls).toHaveLength(2);
  });

  test("a batch has objects in order, and a failure in the place of an answer that does not match", async () => {
    const { client } = setUp([GOOD, BAD, GOOD]);
    const results = await client.batchInfer(["a", "b", "c"], {}, { schema, concurrency: 1 });
    expect(results.map((result) => (result.error ? result.error.code : result.object))).toEqual([
      { name: "Ada", age: 36 },
      "SCHEMA_MISMATCH",
      { name: "Ada", age: 36 },
    ]);
    const again = client.inferEach(["a"], { schema });
    for await (const result of again) expect(result).toMatchObject({ source: "store", object: { name: "Ada" } });
  });
});

describe("retries", () => {
  test("ask again until an answer matches, which is stored", async () => {
    const { client, calls } = setUp([BAD, "no JSON", GOOD]);
    const result = await client.infer(prompt, {}, { schema: person, retries: 2 });
    expect(result).toMatchObject({ source: "provider", object: { age: 36 } });
    expect((await client.infer(prompt, {}, { schema: person })).source).toBe("store");
    expect(calls).toHaveLength(3);
  });

  test("are limited, and the last answer is the failure", async () => {
    const { client, calls } = setUp([BAD, '{"name":1,"age":2}']);
    const failed = client.infer(prompt, {}, { schema: person, retries: 1 });
    await expect(failed).rejects.toMatchObject({ issues: [{ path: "/name" }] });
    expect(calls).toHaveLength(2);
  });

  test("of concurrent identical calls are coalesced", async () => {
    const { client, calls } = setUp([BAD, GOOD]);
    const ask = () => client.infer(prompt, {}, { schema: person, retries: 1 });
    const results = await Promise.all([ask(), ask(), ask()]);
    expect(results.map(({ object }) => object.age)).toEqual([36, 36, 36]);
    expect(calls).toHaveLength(2);
  });

  test("replace a stored answer that no longer matches, but never with only-if-cached", async () => {
    const { client, calls } = setUp([GOOD, '{"name":"Grace","age":85}']);
    await client.infer(prompt, {}, { schema: person });
    const older = person.refine(({ age }) => age > 40, { path: ["age"], error: "too young" });
    const call = { schema: older, retries: 1 };
    await expect(client.infer(prompt, {}, { ...call, cache: "only-if-cached" })).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      issues: [{ path: "/age", message: "too young" }],
    });
    expect(calls).toHaveLength(1);
    expect((await client.infer(prompt, {}, call)).object.name).toBe("Grace");
    expect((await client.infer(prompt, {}, call)).source).toBe("store");
    expect(calls).toHaveLength(2);
  });

  test("share the budget of the call", async () => {
    const { client } = setUp([BAD], { admit: () => false });
    const call = client.infer(prompt, {}, { schema: person, retries: 1_000_000_000, timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
  });
});

describe("what changes the key", () => {
  const keyWith = async (schema: ResponseSchema) =>
    (
      await setUp(["{}"], { admit: () => true })
        .client.infer(prompt, {}, { schema, cache: "no-store" })
        .catch((error) => error)
    ).key;

  test("a schema that changes gives another key, and a validation that changes does not", async () => {
    const key = await keyWith(person);
    expect(await keyWith(z.object({ name: z.string(), age: z.number().int() }))).toBe(key);
    expect(await keyWith(person.refine(({ age }) => age > 40))).toBe(key);
    expect(await keyWith(person.extend({ email: z.string() }))).not.toBe(key);
    expect(await keyWith(z.object({ name: z.string().describe("in full"), age: z.number().int() }))).not.toBe(key);
  });

  test("a plain JSON Schema that changes in place gives another key", async () => {
    const properties: Record<string, object> = { name: { type: "string" } };
    const schema = { type: "object", properties };
    const key = await keyWith({ ...schema, properties: { ...properties } });
    expect(await keyWith(schema)).toBe(key);
    properties.age = { type: "integer" };
    expect(await keyWith(schema)).not.toBe(key);
  });

  test("a stored answer that no longer matches fails for this schema, and is still there for another", async () => {
    const { client, calls } = setUp([GOOD]);
    await client.infer(prompt, {}, { schema: person });
    const older = person.refine(({ age }) => age > 40);
    await expect(client.infer(prompt, {}, { schema: older })).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
    expect((await client.infer(prompt, {}, { schema: person })).source).toBe("store");
    expect(calls).toHaveLength(1);
  });

  test("has and delete find the entry by its schema", async () => {
    const { client } = setUp([GOOD]);
    await client.infer(prompt, {}, { schema: person });
    expect(await client.has(prompt)).toBe(false);
    expect(await client.has(prompt, {}, { schema: person })).toBe(true);
    expect(await client.delete({ messages: prompt }, { schema: person })).toBe(true);
  });
});

describe("what is sent", () => {
  test("a schema's title is its name, and what OpenAI takes in no strict schema makes it a loose one", async () => {
    const { client, calls } = setUp(["{}"]);
    const loose = z.object({ nickname: z.string().optional() }).meta({ title: "A person, loosely" });
    await client.infer(prompt, {}, { schema: loose });
    expect(calls[0]?.response_format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "A_person_loosely",
        schema: {
          type: "object",
          title: "A person, loosely",
          properties: { nickname: { type: "string" } },
          additionalProperties: false,
        },
      },
    });
  });

  test.each<[string, z.ZodType, boolean]>([
    ["nullable members", z.object({ a: z.string().nullable() }), true],
    ["nested objects and lists", z.object({ a: z.array(z.object({ b: z.enum(["x", "y"]) })) }), true],
    ["an email", z.object({ a: z.email() }), true],
    ["a recursive schema", tree, true],
    ["an optional member", z.object({ a: z.string().optional() }), false],
    ["an optional member deep inside", z.object({ a: z.array(z.object({ b: z.string().optional() })) }), false],
    ["other members", z.looseObject({ a: z.string() }), false],
    ["a record", z.object({ a: z.record(z.string(), z.number()) }), false],
    ["a URL, a format that OpenAI refuses", z.object({ a: z.url() }), false],
    ["a default", z.object({ a: z.string().default("x") }), false],
    ["a list at the root", z.array(z.string()), false],
  ])("%s: strict is %o only where OpenAI takes the schema so", async (_, schema, strict) => {
    const { client, calls } = setUp(["{}"]);
    await client.infer(prompt, {}, { schema }).catch(() => {});
    const format = calls[0]?.response_format as { json_schema: { strict?: boolean } } | undefined;
    expect(format?.json_schema.strict).toBe(strict ? true : undefined);
  });

  test("JSON mode is used where a library cannot write the schema as JSON Schema, and validation stays", async () => {
    const schema = v.object({ name: v.string(), age: v.number() });
    const { client, calls } = setUp([BAD, GOOD]);
    expect((await client.infer(prompt, {}, { schema, retries: 1 })).object.age).toBe(36);
    expect(calls[0]?.response_format).toEqual({ type: "json_object" });
  });

  test("a response_format of the call takes precedence, and that of the client does not", async () => {
    const text = { type: "text" } as const;
    const { client, calls } = setUp([GOOD], { params: { model: "m", response_format: { type: "json_object" } } });
    expect((await client.infer({ messages: prompt, response_format: text }, { schema: person })).object.age).toBe(36);
    await client.infer(prompt, {}, { schema: person });
    expect(calls.map(({ response_format }) => response_format?.type)).toEqual(["text", "json_schema"]);
  });
});

describe("how an answer is read", () => {
  test("transformations and defaults apply, also of an asynchronous validation", async () => {
    const { client } = setUp(['```json\n{"at":"2026-01-02"}\n```']);
    const schema = z.object({
      at: z.string().transform(async (text) => new Date(text)),
      by: z.string().default("nobody"),
    });
    for (const source of ["provider", "store"]) {
      const result = await client.infer(prompt, {}, { schema });
      expect(result).toMatchObject({ source, object: { at: new Date("2026-01-02"), by: "nobody" } });
    }
  });

  test("an answer that calls a tool is no answer yet", async () => {
    const tool_calls = [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }];
    const { client } = setUp([completion(null, { tool_calls }, "tool_calls")]);
    const result = await client.infer(prompt, {}, { schema: person });
    expect(result.object).toBeUndefined();
    expect(result.completion.choices[0]?.message.tool_calls).toEqual(tool_calls);
  });

  test.each<[string, ChatCompletion | string, RegExp]>([
    ["a refusal", completion(null, { refusal: "I can't help with that." }), /the model refused: I can't help/],
    ["no text", completion("", {}, "length"), /it has no text \(length\)/],
    ["half an object", completion('{"name":', {}, "length"), /it is no JSON/],
  ])("%s is a mismatch that says so", async (_, answer, message) => {
    await expect(setUp([answer]).client.infer(prompt, {}, { schema: person })).rejects.toThrow(message);
  });

  test("a validation that throws is a mismatch", async () => {
    const schema = z.object({ name: z.string() }).refine(() => {
      throw new Error("broken check");
    });
    await expect(setUp([GOOD]).client.infer(prompt, {}, { schema })).rejects.toThrow(
      /its validation threw: broken check/,
    );
  });

  test("issues of a plain JSON Schema have pointers", async () => {
    const schema = { type: "object", properties: { "a/b": { type: "array", items: { type: "string" } } } };
    const failed = setUp(['{"a/b":["x",1]}']).client.infer(prompt, {}, { schema });
    await expect(failed).rejects.toMatchObject({
      issues: expect.arrayContaining([expect.objectContaining({ path: "/a~1b/1" })]),
    });
  });
});

test.each<[object, RegExp]>([
  [{ schema: "person" }, /infer: `schema` must be a Standard Schema/],
  [{ schema: [] }, /infer: `schema` must be/],
  [{ schema: null }, /infer: `schema` must be/],
  [{ schema: () => true }, /infer: `schema` must be/],
  [{ schema: { "~standard": {} } }, /infer: `schema` must be/],
  [{ retries: 1 }, /infer: `retries` must be left out without `schema`/],
  [{ schema: person, retries: -1 }, /infer: `retries` must be a whole number/],
])("%o is refused before anything is sent", async (options, message) => {
  const { client, calls } = setUp([GOOD]);
  await expect(client.infer(prompt, {}, options)).rejects.toThrow(message);
  expect(calls).toHaveLength(0);
});
