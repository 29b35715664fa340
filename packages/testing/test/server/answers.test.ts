import { validator } from "@remem/test-support/openapi";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompletionsServer, completionsServer } from "../../src/index.ts";
import { complete, question } from "./post.ts";

const requestErrors = validator("CreateChatCompletionRequest");
const responseErrors = validator("CreateChatCompletionResponse");

const parameters = {
  type: "object",
  properties: {
    city: { type: "string" },
    days: { type: "integer", minimum: 1, maximum: 7 },
    unit: { type: "string", enum: ["celsius", "fahrenheit"] },
  },
  required: ["city", "days"],
  additionalProperties: false,
};
const weather = { type: "function", function: { name: "get_weather", description: "The forecast", parameters } };
const clock = { type: "function", function: { name: "get_time" } };
const shell = { type: "custom", custom: { name: "shell" } };
const person = {
  type: "object",
  properties: {
    name: { type: "string" },
    age: { type: "integer" },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["name", "age", "tags"],
  additionalProperties: false,
};

const kinds: Readonly<Record<string, object>> = {
  "a plain question": question("Why is the sky blue?"),
  "every choice of n": question("A name for a cat?", { n: 3 }),
  "an empty question": question(""),
  "a question in parts, with a picture": {
    model: "gpt-4o",
    messages: [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: "https://example.com/cat.png" } },
        ],
      },
    ],
  },
  "a question outside ASCII": question("¿Qué significa 忖度? 🤔"),
  "an object in JSON mode": question("A colour, as JSON", { response_format: { type: "json_object" } }),
  "an object by a schema": question("Who is it?", {
    response_format: { type: "json_schema", json_schema: { name: "person", schema: person } },
  }),
  "an answer cut off at its limit": question("A long story, please", { max_completion_tokens: 5 }),
  "a call of a function": question("Will it rain?", { tools: [weather, clock] }),
  "a call of a custom tool": question("List the files", { tools: [shell] }),
  "text where tools are forbidden": question("Hello", { tools: [weather], tool_choice: "none" }),
  "text after a tool's result": {
    model: "gpt-4o-mini",
    messages: [
      { role: "user", content: "Will it rain?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "call_1", content: "sunny" },
    ],
    tools: [weather],
  },
};

let server: CompletionsServer;
beforeAll(async () => {
  server = await completionsServer();
});
afterAll(() => server.close());

describe("an answer is valid by the API document:", () => {
  for (const [kind, request] of Object.entries(kinds)) {
    test(kind, async () => {
      expect(requestErrors(request)).toEqual([]);
      expect(responseErrors(await complete(server, request))).toEqual([]);
    });
  }
});

describe("an identical request", () => {
  test("has the same answer, whatever the order of its members", async () => {
    const request = { seed: 1, temperature: 0.5, ...question("Why?") };
    const reordered = Object.fromEntries(Object.entries(request).reverse());
    expect(await complete(server, reordered)).toEqual(await complete(server, request));
  });

  test("has the same answer from another server", async () => {
    await using other = await completionsServer();
    const request = question("Why?", { n: 2 });
    expect(await complete(other, request)).toEqual(await complete(server, request));
  });
});

describe("another request", () => {
  test("has another text, however little differs", async () => {
    const requests = Array.from({ length: 100 }, (_, seed) => question("Why is the sky blue?", { seed }));
    const texts = await Promise.all(requests.map((request) => text(request)));
    expect(new Set(texts).size).toBe(100);
  });

  test("has another id", async () => {
    const { id } = await complete(server, question("Why?"));
    expect(id).toMatch(/^chatcmpl-\w{29}$/);
    expect((await complete(server, question("Why not?"))).id).not.toBe(id);
  });
});

describe("the text", () => {
  test("mentions the user's last question", async () => {
    const messages = [
      { role: "user", content: "First question" },
      { role: "assistant", content: "First answer" },
      { role: "user", content: "Second\n question" },
      { role: "assistant", content: "Second ans" },
    ];
    const answer = await text({ model: "gpt-4o-mini", messages });
    expect(answer).toContain("“Second question”");
    expect(answer).not.toContain("First");
  });

  test("mentions the beginning of a long question, and never half a character", async () => {
    expect(await text(question("🤔".repeat(500)))).toContain(`“${"🤔".repeat(60)}…”`);
  });

  test("differs between the choices of one answer", async () => {
    const { choices } = await complete(server, question("Why?", { n: 8 }));
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(choices.map(({ message }) => message.content)).size).toBe(8);
  });

  test("is cut off at max_tokens with finish_reason length", async () => {
    const whole = await complete(server, question("Why?"));
    for (const limit of ["max_tokens", "max_completion_tokens"]) {
      const cut = await complete(server, question("Why?", { [limit]: 7 }));
      expect(cut.choices[0]?.finish_reason).toBe("length");
      expect(cut.usage?.completion_tokens).toBe(7);
      expect(cut.choices[0]?.message.content?.length).toBeLessThan(whole.choices[0]?.message.content?.length ?? 0);
    }
  });

  test("ends with finish_reason stop where it fits the limit", async () => {
    const { choices } = await complete(server, question("Why?", { max_tokens: 10_000 }));
    expect(choices[0]?.finish_reason).toBe("stop");
  });
});

test("the model is the requested one", async () => {
  expect((await complete(server, question("Why?", { model: "Qwen/Qwen3-8B" }))).model).toBe("Qwen/Qwen3-8B");
});

describe("usage", () => {
  test("grows with the prompt, and its total is the sum", async () => {
    const prompts = [];
    for (const length of [1, 10, 100, 1000]) {
      const { usage } = await complete(server, question("word ".repeat(length)));
      expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
      prompts.push(usage?.prompt_tokens ?? 0);
    }
    expect(prompts).toEqual(prompts.toSorted((a, b) => a - b));
    expect(new Set(prompts).size).toBe(prompts.length);
    expect(prompts.at(-1)).toBeGreaterThanOrEqual(1000);
  });

  test("counts the tools as prompt, and every choice as completion", async () => {
    const plain = await complete(server, question("Why?"));
    const tools = await complete(server, question("Why?", { tools: [weather], tool_choice: "none" }));
    const many = await complete(server, question("Why?", { n: 4 }));
    expect(tools.usage?.prompt_tokens).toBeGreaterThan(plain.usage?.prompt_tokens ?? 0);
    expect(many.usage?.prompt_tokens).toBe(plain.usage?.prompt_tokens);
    expect(many.usage?.completion_tokens).toBeGreaterThan(2 * (plain.usage?.completion_tokens ?? 0));
  });
});

describe("JSON mode", () => {
  test("json_object gives an object that holds the text", async () => {
    const content = await text(question("A colour", { response_format: { type: "json_object" } }));
    expect(JSON.parse(content)).toMatchObject({ answer: expect.stringContaining("A colour") });
  });

  test("json_schema gives an object that fits the schema", async () => {
    const validate = new Ajv2020().compile(person);
    const response_format = { type: "json_schema", json_schema: { name: "person", schema: person } };
    for (let seed = 0; seed < 10; seed++) {
      expect(validate(JSON.parse(await text(question("Who?", { seed, response_format }))))).toBe(true);
    }
  });

  test("json_schema without a schema gives an object", async () => {
    const response_format = { type: "json_schema", json_schema: { name: "anything" } };
    expect(JSON.parse(await text(question("Who?", { response_format })))).toBeInstanceOf(Object);
  });
});

describe("tools", () => {
  test("the first function is called with arguments that fit its parameters, and there is no text", async () => {
    const { choices } = await complete(server, question("Will it rain?", { tools: [weather, clock] }));
    const [choice] = choices;
    expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    const [call] = callsOf(choice);
    expect(call).toMatchObject({ id: expect.stringMatching(/^call_\w{24}$/), type: "function" });
    expect(call?.function?.name).toBe("get_weather");
    expect(new Ajv2020().compile(parameters)(JSON.parse(call?.function?.arguments ?? ""))).toBe(true);
  });

  test("the function that tool_choice names is called, without parameters with none", async () => {
    const named = { type: "function", function: { name: "get_time" } };
    const allowed = { type: "allowed_tools", allowed_tools: { mode: "required", tools: [named] } };
    for (const tool_choice of [named, allowed]) {
      const request = question("What time is it?", { tools: [weather, clock], tool_choice });
      expect(requestErrors(request)).toEqual([]);
      const [call] = callsOf((await complete(server, request)).choices[0]);
      expect(call?.function).toEqual({ name: "get_time", arguments: "{}" });
    }
  });

  test("a custom tool is called with text", async () => {
    const { choices } = await complete(server, question("List the files", { tools: [shell] }));
    expect(callsOf(choices[0])).toMatchObject([
      { type: "custom", custom: { name: "shell", input: expect.stringContaining("List the files") } },
    ]);
  });

  test("a tool's result is answered with text, unless a call is required", async () => {
    const request = kinds["text after a tool's result"] ?? {};
    const { choices } = await complete(server, request);
    expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { content: expect.any(String) } });
    const required = await complete(server, { ...request, tool_choice: "required" });
    expect(required.choices[0]?.finish_reason).toBe("tool_calls");
  });

  test("a call is also cut off at the limit", async () => {
    const { choices } = await complete(server, question("Will it rain?", { tools: [weather], max_tokens: 2 }));
    expect(choices[0]?.finish_reason).toBe("length");
    expect(() => JSON.parse(callsOf(choices[0])[0]?.function?.arguments ?? "")).toThrow(SyntaxError);
  });
});

async function text(request: object): Promise<string> {
  return (await complete(server, request)).choices[0]?.message.content ?? "";
}

interface Call {
  readonly function?: { readonly name: string; readonly arguments: string };
}
function callsOf(choice: { readonly message: { readonly [member: string]: unknown } } | undefined): Call[] {
  return (choice?.message.tool_calls ?? []) as Call[];
}
