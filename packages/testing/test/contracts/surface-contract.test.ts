import assert from "node:assert/strict";
import { type ChatCompletion, type ChatRequest, chatSurface } from "@remem/core";
import { describe, expect, test, vi } from "vitest";
import { type SurfaceContractCase, type SurfaceContractOptions, surfaceContract } from "../../src/index.ts";
import { embeddingsOptions, embeddingsSurface } from "../doubles/embeddings-surface.ts";
import { SURFACE_DOUBLES } from "../doubles/surface-doubles.ts";

const ADMITS = "admit accepts the example answers";
const REFUSES = "admit refuses the incomplete answers";
const options = { surface: embeddingsSurface, ...embeddingsOptions };

const request: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Why?" }] };
const json: ChatRequest = { ...request, response_format: { type: "json_object" }, temperature: 0, n: 2, user: "me" };
const tools: ChatRequest = { ...request, tools: [{ type: "function", function: { name: "look_up" } }], stop: ["END"] };

const chatOptions: SurfaceContractOptions<ChatRequest, ChatCompletion> = {
  surface: chatSurface,
  examples: [
    { request, answer: completion("Because.") },
    { request: json, answer: completion('{"answer":"Because."}') },
    { request: tools, answer: completion(null, { tool_calls: [{ id: "1", function: { name: "look_up" } }] }) },
  ],
  incompleteExamples: [
    { request: json, answer: completion('{"answer":') },
    {
      request,
      answer: { ...completion("Bec"), choices: [{ ...completion("Bec").choices[0]!, finish_reason: "length" }] },
    },
    { request, answer: completion("") },
  ],
  incompleteStreams: [
    [...chatSurface.chunksOf!(completion("Because."), { byWord: true })].slice(0, 2),
    [{ choices: [{ index: 0, delta: { content: "Bec" }, finish_reason: "stop" }] }, { error: { message: "gone" } }],
  ],
  invalidRequests: [
    {},
    { model: "m" },
    { messages: [] },
    { model: "m", messages: ["Why?"] },
    { ...request, stream: true },
    { model: "m", input: "Why?" },
  ],
  malformedAnswers: [{ choices: [] }, { choices: [{}] }, { choices: null }, { error: { message: "overloaded" } }],
};

function completion(content: string | null, members: object = {}): ChatCompletion {
  const message = { role: "assistant", content, ...members };
  const usage = { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 };
  return {
    id: "1",
    object: "chat.completion",
    model: "m",
    created: 0,
    choices: [{ index: 0, finish_reason: "stop", message }],
    usage,
  };
}

describe("Chat Completions keep the contract of a surface:", () => {
  for (const { name, run } of surfaceContract(chatOptions)) test(name, run);
});

describe("a surface that keeps every promise passes:", () => {
  for (const { name, run } of surfaceContract(options)) test(name, run);
});

test("every case has a surface that breaks it", () => {
  const broken = Object.entries(SURFACE_DOUBLES).flatMap(([name, { length }]) => (length > 0 ? name : []));
  expect(broken.toSorted()).toEqual(
    surfaceContract(options)
      .map(({ name }) => name)
      .toSorted(),
  );
});

describe("a case fails for a surface that breaks it:", () => {
  for (const [name, doubles] of Object.entries(SURFACE_DOUBLES)) {
    for (const [broken, change, says] of doubles) {
      test(`${name}: ${broken}`, async () => {
        const surface = { ...embeddingsSurface, ...change(embeddingsSurface) };
        await expect(caseOf(name, { ...options, surface }).run()).rejects.toThrow(says);
      });
    }
  }
});

test("every case has a name of its own, and a group", () => {
  const cases = surfaceContract(options);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect([...new Set(cases.map(({ group }) => group))]).toEqual([
    "requests",
    "answers",
    "keys",
    "streams",
    "readThrough",
    "texts",
  ]);
});

describe("a case is skipped", () => {
  const reason = "everything is stored";

  test("where `skip` names it, with the reason", async () => {
    const admit = vi.fn(() => false);
    const surface = { ...embeddingsSurface, admit };
    const cases = surfaceContract({ ...options, surface, skip: [{ case: ADMITS, reason }] });
    const skipped = cases.find(({ name }) => name === `${ADMITS} (skipped: ${reason})`);
    expect(skipped?.skipped).toBe(reason);
    await skipped?.run();
    expect(admit).not.toHaveBeenCalled();
  });

  test("where there are no incomplete examples", () => {
    const { incompleteExamples: _, ...rest } = options;
    const reasons = surfaceContract(rest).flatMap(({ name, skipped }) => (skipped ? [name] : []));
    expect(reasons).toEqual([`${REFUSES} (skipped: \`incompleteExamples\` is not given)`]);
  });

  test("for its runner too, where the surface lacks an optional member", async () => {
    const { tokens: _, finishReason: __, defaults: ___, texts: ____, ...others } = embeddingsSurface;
    const { aggregate: _____, chunksOf: ______, ...surface } = { ...others, unkeyed: new Set("") };
    const reasons: string[] = [];
    for (const { run } of surfaceContract({ ...options, surface })) {
      await run();
      await (run as (context: object) => Promise<void>)({ skip: (reason: string) => reasons.push(reason) });
    }
    expect(reasons).toEqual([
      "this surface has no `tokens`",
      "this surface has no `finishReason`",
      "this surface has no unkeyed members",
      "this surface has no `defaults`",
      ...Array.from({ length: 5 }, () => "this surface has no streams"),
      ...Array.from({ length: 4 }, () => "this surface has no `texts`"),
    ]);
  });
});

test("unknown and invalid options are refused by name", () => {
  expect(() => surfaceContract({ ...options, example: [] } as never)).toThrow("no option `example`");
  expect(() => surfaceContract({ ...options, surface: undefined } as never)).toThrow("`surface` must be a surface");
  for (const name of ["examples", "invalidRequests", "malformedAnswers"]) {
    for (const value of [[], undefined]) {
      expect(() => surfaceContract({ ...options, [name]: value })).toThrow(`\`${name}\` must be a list`);
    }
  }
  const skip = [{ case: "admit" as SurfaceContractCase, reason: "none" }];
  expect(() => surfaceContract({ ...options, skip })).toThrow('there is no case "admit"');
});

function caseOf<Request extends object, Answer extends object>(
  name: string,
  options: SurfaceContractOptions<Request, Answer>,
) {
  const found = surfaceContract(options).find((one) => one.name === name);
  assert.ok(found);
  return found;
}
