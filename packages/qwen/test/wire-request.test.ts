import { type ChatRequest, cacheKey, InvalidRequestError } from "@remem/core";
import { describe, expect, test } from "vitest";
import { DIALECTS, type DialectName } from "../src/dialect.ts";
import { wireRequest } from "../src/wire-request.ts";

const MODELS = {
  optional: "Qwen/Qwen3-8B",
  later: "qwen3.5:9b",
  always: "Qwen/Qwen3-4B-Thinking-2507",
  never: "Qwen/Qwen3-4B-Instruct-2507",
  unknown: "gpt-4o-mini",
};

const base: ChatRequest = { model: MODELS.optional, messages: [{ role: "user", content: "Why?" }] };

function wire(dialect: DialectName, params: object) {
  return wireRequest({ ...base, ...params }, DIALECTS[dialect]);
}

/** The members of the body besides model and messages. */
function sent(dialect: DialectName, params: object): object {
  const { model: _, messages: __, ...rest } = wire(dialect, params).body;
  return rest;
}

const sampling = { temperature: 0.6, top_p: 0.95 };
const stream = { stream: true, stream_options: { include_usage: true } };

describe.each<[DialectName, { off: object; on: object; always: object }]>([
  [
    "vllm",
    {
      off: { chat_template_kwargs: { enable_thinking: false } },
      on: { chat_template_kwargs: { enable_thinking: true }, ...sampling, top_k: 20 },
      always: {},
    },
  ],
  [
    "dashscope",
    {
      off: { enable_thinking: false },
      on: { enable_thinking: true, ...sampling, top_k: 20, ...stream },
      always: stream,
    },
  ],
  ["ollama", { off: { reasoning_effort: "none" }, on: { reasoning_effort: "medium", ...sampling }, always: {} }],
])("%s", (dialect, { off, on, always }) => {
  test("a model with optional thinking is told not to think by default", () => {
    expect(sent(dialect, {})).toEqual(off);
    expect(sent(dialect, { enable_thinking: false })).toEqual(off);
    expect(sent(dialect, { enable_thinking: null })).toEqual(off);
    expect(sent(dialect, { enable_thinking: true })).toEqual(on);
  });

  test("a request not to think has the key of one without a flag, which is Python's", () => {
    const python = { ...base, seed: 0, temperature: 0, response_format: { type: "json_object" } };
    for (const request of [base, python]) {
      for (const enable_thinking of [undefined, null, false]) {
        const { canonical } = wire(dialect, { ...request, ...(enable_thinking !== undefined && { enable_thinking }) });
        expect(canonical).toEqual(request);
        expect(cacheKey(canonical)).toBe(cacheKey(request));
      }
    }
  });

  test("a request to think has another key, of all that is sent", () => {
    const { body, canonical } = wire(dialect, { enable_thinking: true });
    expect(canonical).toEqual(body);
    expect(cacheKey(canonical)).not.toBe(cacheKey(base));
  });

  test("thinking gets the recommended sampling unless the caller sets it", () => {
    expect(sent(dialect, { enable_thinking: true, temperature: 0, top_p: null, top_k: 1, min_p: 0.1 })).toEqual({
      ...on,
      temperature: 0,
      top_p: null,
      top_k: 1,
      min_p: 0.1,
    });
    const explicit = wire(dialect, { enable_thinking: true, temperature: 0.6 });
    expect(explicit.canonical).toEqual(wire(dialect, { enable_thinking: true }).canonical);
  });

  test("only the original Qwen3 models get it", () => {
    const body = sent(dialect, { model: MODELS.later, enable_thinking: true });
    expect(Object.keys(body)).not.toContain("temperature");
    expect(on).toMatchObject(body);
  });

  test("a budget is sent with thinking and dropped without", () => {
    expect(sent(dialect, { enable_thinking: true, thinking_budget: 100 })).toEqual({ ...on, thinking_budget: 100 });
    expect(sent(dialect, { model: MODELS.always, thinking_budget: 100 })).toEqual({ ...always, thinking_budget: 100 });
    for (const model of [MODELS.optional, MODELS.never]) {
      expect(wire(dialect, { model, thinking_budget: 100 })).toEqual(wire(dialect, { model }));
    }
  });

  test("a model without a choice is sent no flag, and the key has none", () => {
    for (const [model, thinks, flagless] of [
      [MODELS.always, true, always],
      [MODELS.never, false, {}],
    ] as const) {
      const without = wire(dialect, { model });
      expect(sent(dialect, { model })).toEqual(flagless);
      expect(cacheKey(without.canonical)).toBe(cacheKey({ ...base, model }));
      expect(wire(dialect, { model, enable_thinking: thinks })).toEqual(without);
      expect(without.thinks).toBe(thinks);
    }
  });

  test("asking it for the opposite is refused with the path", () => {
    expect(() => wire(dialect, { model: MODELS.always, enable_thinking: false })).toThrow(InvalidRequestError);
    expect(() => wire(dialect, { model: MODELS.always, enable_thinking: false })).toThrow(
      /\/enable_thinking asks "Qwen\/Qwen3-4B-Thinking-2507" not to think/,
    );
    expect(() => wire(dialect, { model: MODELS.never, enable_thinking: true })).toThrow(
      /\/enable_thinking asks "Qwen\/Qwen3-4B-Instruct-2507" to think/,
    );
  });

  test("an unknown model gets the flag of the request or none, as does the key", () => {
    const { model } = { model: MODELS.unknown };
    expect(wire(dialect, { model })).toEqual({
      body: { ...base, model },
      canonical: { ...base, model },
      thinks: false,
    });
    expect(sent(dialect, { model, enable_thinking: false })).toEqual(off);
    expect(on).toMatchObject(sent(dialect, { model, enable_thinking: true }));
    const keys = [undefined, true, false].map((enable_thinking) =>
      cacheKey(wire(dialect, { model, enable_thinking }).canonical),
    );
    expect(new Set(keys).size).toBe(3);
  });

  test.each(["true", 1, {}])("a flag that is not a boolean is refused: %j", (enable_thinking) => {
    expect(() => wire(dialect, { enable_thinking })).toThrow(expect.objectContaining({ path: "/enable_thinking" }));
  });
});

describe("a server's own form of the flag is equivalent", () => {
  test("chat_template_kwargs of vLLM, whose other members are kept", () => {
    const on = wire("vllm", { enable_thinking: true });
    expect(wire("vllm", { chat_template_kwargs: { enable_thinking: true } })).toEqual(on);
    expect(wire("vllm", { enable_thinking: true, chat_template_kwargs: { enable_thinking: true } })).toEqual(on);
    for (const chat_template_kwargs of [{ enable_thinking: false }, {}, null]) {
      expect(wire("vllm", { chat_template_kwargs })).toEqual(wire("vllm", {}));
    }
    expect(wire("vllm", { chat_template_kwargs: { preserve: 1 } })).toMatchObject({
      body: { chat_template_kwargs: { preserve: 1, enable_thinking: false } },
      canonical: { chat_template_kwargs: { preserve: 1 } },
    });
    expect(sent("vllm", { model: MODELS.never, chat_template_kwargs: { enable_thinking: false } })).toEqual({});
  });

  test("reasoning_effort of Ollama, whose level is kept", () => {
    expect(wire("ollama", { reasoning_effort: "none" })).toEqual(wire("ollama", {}));
    expect(wire("ollama", { reasoning_effort: "medium" })).toEqual(wire("ollama", { enable_thinking: true }));
    for (const params of [{ reasoning_effort: "high" }, { reasoning_effort: "high", enable_thinking: true }]) {
      expect(sent("ollama", params)).toEqual({ reasoning_effort: "high", ...sampling });
    }
    const always = { model: MODELS.always, reasoning_effort: "high" };
    expect(sent("ollama", always)).toEqual({ reasoning_effort: "high" });
    expect(sent("ollama", { model: "gpt-oss:20b", reasoning_effort: "low" })).toEqual({ reasoning_effort: "low" });
  });

  test("on other servers they are ordinary parameters", () => {
    expect(sent("vllm", { reasoning_effort: "high" })).toMatchObject({ reasoning_effort: "high" });
    expect(wire("dashscope", { reasoning_effort: "high" }).thinks).toBe(false);
    for (const dialect of ["dashscope", "ollama"] as const) {
      expect(sent(dialect, { chat_template_kwargs: { preserve: 1 } })).toMatchObject({
        chat_template_kwargs: { preserve: 1 },
      });
    }
  });

  test.each<DialectName>(["vllm", "dashscope", "ollama"])("the flag in chat_template_kwargs, on %s", (dialect) => {
    for (const model of [MODELS.optional, MODELS.later, MODELS.always, MODELS.unknown]) {
      const on = wire(dialect, { model, enable_thinking: true });
      expect(on.thinks).toBe(true);
      for (const chat_template_kwargs of [{ enable_thinking: true }, { enable_thinking: true, preserve: 1 }]) {
        const { body, thinks } = wire(dialect, { model, chat_template_kwargs });
        expect(thinks).toBe(true);
        expect(body).toMatchObject(on.body);
      }
      expect(wire(dialect, { model, chat_template_kwargs: { enable_thinking: true } })).toEqual(on);
    }
    expect(wire(dialect, { chat_template_kwargs: { enable_thinking: false } })).toEqual(wire(dialect, {}));
  });

  test.each<DialectName>(["dashscope", "ollama"])("and is not sent there a second time, on %s", (dialect) => {
    for (const enable_thinking of [true, false, null]) {
      const { chat_template_kwargs: kwargs } = wire(dialect, {
        chat_template_kwargs: { enable_thinking, preserve: 1 },
      }).body;
      expect(kwargs).toEqual({ preserve: 1 });
    }
  });

  test.each<[DialectName, object, string]>([
    [
      "vllm",
      { enable_thinking: false, chat_template_kwargs: { enable_thinking: true } },
      "/chat_template_kwargs/enable_thinking",
    ],
    ["ollama", { enable_thinking: true, reasoning_effort: "none" }, "/reasoning_effort"],
    ["ollama", { enable_thinking: false, reasoning_effort: "low" }, "/reasoning_effort"],
    ["ollama", { model: MODELS.never, reasoning_effort: "low" }, "/reasoning_effort"],
    [
      "dashscope",
      { enable_thinking: false, chat_template_kwargs: { enable_thinking: true } },
      "/chat_template_kwargs/enable_thinking",
    ],
    ["ollama", { chat_template_kwargs: { enable_thinking: true }, reasoning_effort: "none" }, "/reasoning_effort"],
    [
      "dashscope",
      { model: MODELS.never, chat_template_kwargs: { enable_thinking: true } },
      "/chat_template_kwargs/enable_thinking",
    ],
    ["dashscope", { chat_template_kwargs: { enable_thinking: 1 } }, "/chat_template_kwargs/enable_thinking"],
    ["ollama", { chat_template_kwargs: [true] }, "/chat_template_kwargs"],
    ["vllm", { chat_template_kwargs: "enable_thinking" }, "/chat_template_kwargs"],
    ["vllm", { chat_template_kwargs: { enable_thinking: "true" } }, "/chat_template_kwargs/enable_thinking"],
  ])("%s refuses %j and names %s", (dialect, params, path) => {
    expect(() => wire(dialect, params)).toThrow(InvalidRequestError);
    expect(() => wire(dialect, params)).toThrow(expect.objectContaining({ path }));
  });
});

test("two requests have the same key if and only if they send the same body", () => {
  const choices: Record<string, readonly unknown[]> = {
    model: [...Object.values(MODELS), "Qwen/QwQ-32B", "qwen-plus"],
    enable_thinking: [undefined, null, true, false],
    chat_template_kwargs: [undefined, {}, { enable_thinking: true }, { enable_thinking: false }, { a: 1 }],
    reasoning_effort: [undefined, "none", "medium", "high"],
    thinking_budget: [undefined, 100],
    temperature: [undefined, 0, 0.6],
  };
  for (const dialect of Object.values(DIALECTS)) {
    const bodies = new Map<string, string>();
    let requests = 0;
    for (const params of combinations(choices)) {
      const request = { ...base, ...params } as ChatRequest;
      try {
        const { body, canonical } = wireRequest(request, dialect);
        const [key, text] = [cacheKey(canonical), cacheKey(body)];
        expect(bodies.get(key) ?? text, JSON.stringify(request)).toBe(text);
        bodies.set(key, text);
        requests++;
      } catch (error) {
        if (!InvalidRequestError.is(error)) throw error;
      }
    }
    expect(requests).toBeGreaterThan(500);
    expect(new Set(bodies.values()).size).toBe(bodies.size);
  }
});

function* combinations(choices: Record<string, readonly unknown[]>): Generator<object> {
  const [first, ...others] = Object.entries(choices);
  if (first === undefined) return yield {};
  const [name, values] = first;
  for (const rest of combinations(Object.fromEntries(others))) {
    for (const value of values) yield value === undefined ? rest : { ...rest, [name]: value };
  }
}
