import { describe, expect, test, vi } from "vitest";
import {
  CacheMissError,
  type ChatMessage,
  type ClientOptions,
  cacheKey,
  chatSurface,
  createClient,
  encodeEntry,
  InvalidRequestError,
  memoryStore,
  ProviderError,
  parseJson,
  readEntry,
  recomputedKey,
} from "../../src/index.ts";
import { completion, createGate, createTrace, scriptedProvider, user } from "../doubles.ts";

function setUp(options: Partial<ClientOptions> = {}) {
  const provider = scriptedProvider();
  const store = memoryStore();
  const trace = createTrace();
  const client = createClient({ provider, store, params: { model: "m" }, onEvent: trace.record, ...options });
  return { provider, store, trace, client };
}

test("the first call is paid for, the second is a hit that equals it in all but cacheHit and source", async () => {
  const { client, provider, trace } = setUp();
  const { cacheHit, source, ...first } = await client.infer(user("Hi"), { top_p: 0.5 });
  const second = await client.infer(user("Hi"), { top_p: 0.5 });
  expect({ cacheHit, source }).toEqual({ cacheHit: false, source: "provider" });
  expect(second).toEqual({ ...first, cacheHit: true, source: "store" });
  expect(first.key).toBe(cacheKey({ model: "m", messages: user("Hi"), top_p: 0.5 }));
  expect(first.metadata).toEqual({
    prompt: user("Hi"),
    response: first.response,
    prompt_tokens: 9,
    completion_tokens: 3,
    finish_reason: "stop",
  });
  expect(provider.calls).toEqual([{ model: "m", messages: user("Hi"), top_p: 0.5 }]);
  expect(trace.types).toEqual(["miss", "stored", "hit"]);
  expect(client.stats()).toMatchObject({ hits: 1, misses: 1, providerCalls: 1, stored: 1 });
  expect(client.stats().tokens).toEqual({ paid: { prompt: 9, completion: 3 }, saved: { prompt: 9, completion: 3 } });
});

test("unknown members of the answer are kept, members without a value vanish from hit and miss alike", async () => {
  const answer = { ...completion("a"), vendor: { x: [1] }, gone: undefined };
  const { client } = setUp({ provider: scriptedProvider(() => answer) });
  const miss = await client.infer(user("Hi"));
  expect(miss.completion).toEqual({ ...completion("a"), vendor: { x: [1] } });
  expect("gone" in miss.completion).toBe(false);
  expect((await client.infer(user("Hi"))).completion).toEqual(miss.completion);
});

test("a call's params override the client's, and undefined removes one", async () => {
  const { client, provider } = setUp({ params: { model: "m", seed: 1, top_p: 0.5 } });
  await client.infer(user("Hi"), { model: "other", seed: undefined });
  expect(provider.calls).toEqual([{ model: "other", top_p: 0.5, messages: user("Hi") }]);
});

test("the entry holds the request, or leaves it out with storeRequest: false", async () => {
  for (const storeRequest of [true, false]) {
    const { client, store } = setUp({ storeRequest });
    const { key } = await client.infer(user("secret"));
    expect((await readEntry(store, key))?.request).toEqual(
      storeRequest ? { model: "m", messages: user("secret") } : undefined,
    );
  }
});

describe("callers and providers cannot affect each other", () => {
  test("50 concurrent identical calls are one call of the provider and 50 equal results", async () => {
    const gate = createGate();
    const provider = scriptedProvider(async () => {
      await gate.opened;
      return completion("one");
    });
    const { client } = setUp({ provider });
    const calls = Array.from({ length: 50 }, () => client.infer(user("Hi")));
    gate.open();
    const results = await Promise.all(calls);
    expect(provider.calls.length).toBe(1);
    expect(client.stats()).toMatchObject({ misses: 1, joined: 49, hits: 0, providerCalls: 1 });
    expect(results.map(({ source }) => source)).toEqual(["provider", ...Array(49).fill("flight")]);
    const [first, ...others] = results;
    const before = structuredClone(others);
    deface(first);
    expect(others).toEqual(before);
    for (const [index, other] of others.entries()) {
      deface(other);
      expect(others.slice(index + 1)).toEqual(before.slice(index + 1));
    }
    expect((await client.infer(user("Hi"))).response).toBe("one");
  });

  test("a request changed after the call is keyed, sent and stored as it was", async () => {
    const { client, provider, store } = setUp();
    const messages: Array<{ role: "user"; content: string }> = [{ role: "user", content: "before" }];
    const call = client.infer(messages);
    messages[0]!.content = "after";
    const { key, metadata } = await call;
    expect(provider.calls[0]?.messages).toEqual(user("before"));
    expect(metadata.prompt).toEqual(user("before"));
    expect((await readEntry(store, key))?.request?.messages).toEqual(user("before"));
    expect(key).toBe(cacheKey({ model: "m", messages: user("before") }));
  });

  test("a provider that changes its request changes only its own", async () => {
    const provider = scriptedProvider((request) => {
      deface(request);
      return completion("a");
    });
    const { client, store } = setUp({ provider });
    const { key, metadata } = await client.infer(user("Hi"));
    expect(metadata.prompt).toEqual(user("Hi"));
    expect((await readEntry(store, key))?.request?.messages).toEqual(user("Hi"));
  });

  test("the client's params cannot be changed", () => {
    const params = { model: "m" };
    const { client } = setUp({ params });
    params.model = "other";
    expect(client.params).toEqual({ model: "m" });
    expect(() => Object.assign(client.params, { model: "x" })).toThrow(TypeError);
  });

  function deface(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      deface(member);
      (value as Record<string, unknown>)[name] = "defaced";
    }
  }
});

describe("the modes", () => {
  test("reload calls the provider and replaces the stored answer", async () => {
    let answers = 0;
    const { client } = setUp({ provider: scriptedProvider(() => completion(`answer ${++answers}`)) });
    await client.infer(user("Hi"));
    expect(await client.infer(user("Hi"), {}, { cache: "reload" })).toMatchObject({
      response: "answer 2",
      cacheHit: false,
    });
    expect(await client.infer(user("Hi"))).toMatchObject({ response: "answer 2", source: "store" });
  });

  test("no-store neither reads nor writes", async () => {
    const { client, provider, store } = setUp();
    await client.infer(user("Hi"));
    const { key, source } = await client.infer(user("Hi"), {}, { cache: "no-store" });
    expect(source).toBe("provider");
    await store.delete(key);
    await client.infer(user("Hi"), {}, { cache: "no-store" });
    expect(await store.get(key)).toBeUndefined();
    expect(provider.calls.length).toBe(3);
  });

  test("only-if-cached returns what is stored and never calls the provider", async () => {
    const { client, provider } = setUp({ cache: "only-if-cached" });
    const call = client.infer(user("Hi"));
    await expect(call).rejects.toThrow(CacheMissError);
    await expect(call).rejects.toMatchObject({
      code: "CACHE_MISS",
      key: cacheKey({ model: "m", messages: user("Hi") }),
    });
    await client.infer(user("Hi"), {}, { cache: "default" });
    expect(await client.infer(user("Hi"))).toMatchObject({ source: "store", cacheHit: true });
    expect(provider.calls.length).toBe(1);
  });

  /** How a call of one mode fares while one of another mode is running. */
  const table = [
    ["default", "default", "joins"],
    ["default", "reload", "asks"],
    ["default", "no-store", "asks"],
    ["default", "only-if-cached", "misses"],
    ["reload", "default", "joins"],
    ["reload", "reload", "joins"],
    ["reload", "no-store", "asks"],
    ["reload", "only-if-cached", "misses"],
    ["no-store", "default", "asks"],
    ["no-store", "reload", "asks"],
    ["no-store", "no-store", "asks"],
  ] as const;
  test.each(table)("while a %s call runs, a %s call %s", async (running, mode, does) => {
    const gate = createGate();
    const provider = scriptedProvider(async () => {
      await gate.opened;
      return completion("a");
    });
    const { client } = setUp({ provider });
    const first = client.infer(user("Hi"), {}, { cache: running });
    await vi.waitFor(() => expect(provider.calls.length).toBe(1));
    const second = client.infer(user("Hi"), {}, { cache: mode });
    if (does === "misses") await expect(second).rejects.toThrow(CacheMissError);
    gate.open();
    await first;
    if (does !== "misses") expect((await second).source).toBe(does === "joins" ? "flight" : "provider");
    expect(provider.calls.length).toBe(does === "asks" ? 2 : 1);
  });

  test("clients over one store object join each other's calls", async () => {
    const { client, provider, store } = setUp();
    const other = createClient({ provider, store, params: { model: "m" } });
    const results = await Promise.all([client.infer(user("Hi")), other.infer(user("Hi"))]);
    expect(results.map(({ source }) => source)).toEqual(["provider", "flight"]);
    expect(provider.calls.length).toBe(1);
  });

  test("concurrent identical calls that find a stored answer are all hits", async () => {
    const { client } = setUp();
    await client.infer(user("Hi"));
    const results = await Promise.all([client.infer(user("Hi")), client.infer(user("Hi"))]);
    expect(results.map(({ source }) => source)).toEqual(["store", "store"]);
    expect(client.stats()).toMatchObject({ hits: 2, joined: 0 });
  });

  test("samples are independent answers to one request", async () => {
    let answers = 0;
    const { client } = setUp({ provider: scriptedProvider(() => completion(`answer ${++answers}`)) });
    const ask = async (sample?: number) =>
      (await client.infer(user("Hi"), {}, sample === undefined ? {} : { sample })).response;
    expect(await ask()).toBe("answer 1");
    expect(await ask(1)).toBe("answer 2");
    expect(await ask(0)).toBe("answer 1");
    expect(await ask(1)).toBe("answer 2");
  });
});

test("an answer is served until its ttl is over, by the client's clock, also from a store that ignores it", async () => {
  vi.useFakeTimers({ now: 1_000, toFake: ["Date"] });
  try {
    const store = memoryStore();
    const forgetful = { ...store, set: (key: string, value: string) => store.set(key, value) };
    const { client, provider } = setUp({ store: forgetful, ttlMs: 50 });
    await client.infer(user("short"));
    await client.infer(user("long"), {}, { ttlMs: 100 });
    vi.setSystemTime(1_050);
    expect((await client.infer(user("long"))).source).toBe("store");
    expect((await client.infer(user("short"))).source).toBe("provider");
    expect(provider.calls.length).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

test("has and delete concern exactly this request", async () => {
  const { client, provider } = setUp();
  expect(await client.has(user("Hi"))).toBe(false);
  await client.infer(user("Hi"), { seed: 1 });
  expect(await client.has(user("Hi"), { seed: 1 })).toBe(true);
  expect(await client.has(user("Hi"), { seed: 1 }, { sample: 1 })).toBe(false);
  expect(await client.delete(user("Hi"), { seed: 2 })).toBe(false);
  expect(await client.delete(user("Hi"), { seed: 1 })).toBe(true);
  expect(await client.has(user("Hi"), { seed: 1 })).toBe(false);
  expect(provider.calls.length).toBe(1);
});

test("a damaged, foreign or swapped entry is reported and never served", async () => {
  const { client, store, trace } = setUp();
  const { key } = await client.infer(user("Hi"));
  const text = (await store.get(key))!;
  const { key: otherKey } = await client.infer(user("other"));
  const broken = [
    text.replace("Answer", "Answes"),
    "",
    "garbage",
    (await store.get(otherKey))!,
    text.slice(0, -1).slice(0, 200),
  ];
  for (const value of broken) {
    await store.set(key, value);
    trace.events.length = 0;
    expect((await client.infer(user("Hi"))).source).toBe("provider");
    expect(trace.types).toEqual(["damaged-entry", "miss", "stored"]);
    expect((await client.infer(user("Hi"))).source).toBe("store");
  }
});

test("an entry with the right digests and no completion in it is damaged, too", async () => {
  const { client, store, trace } = setUp();
  const { key } = await client.infer(user("Hi"));
  for (const completion of [{}, { choices: [] }, null, "text"]) {
    await store.set(key, encodeEntry({ key, createdAt: 1, answer: completion as never }));
    trace.events.length = 0;
    await client.infer(user("Hi"));
    expect(trace.types).toEqual(["damaged-entry", "miss", "stored"]);
  }
});

test("the provider's canonical form of a request is used for the key alone", async () => {
  const provider = {
    ...scriptedProvider(),
    scope: "http://localhost:1/v1",
    canonical: ({ thinking, ...request }: { thinking?: unknown; model: string; messages: readonly ChatMessage[] }) =>
      request,
  };
  const { client } = setUp({ provider });
  const { key } = await client.infer(user("Hi"), { thinking: false });
  expect(key).toBe(cacheKey({ model: "m", messages: user("Hi") }, { scope: provider.scope }));
  expect(provider.calls[0]).toMatchObject({ thinking: false });
});

describe("a bad request is refused before anything is read or sent", () => {
  const cases: Array<[name: string, messages: unknown, params: object, path: string]> = [
    ["no list of messages", 5, {}, "/messages"],
    ["`ttlMs` among the parameters", user("Hi"), { ttlMs: 5 }, "/ttlMs"],
    ["`cache` among the parameters", user("Hi"), { cache: "reload" }, "/cache"],
    ["`sample` among the parameters", user("Hi"), { sample: 0 }, "/sample"],
    ["`schema` among the parameters", user("Hi"), { schema: {} }, "/schema"],
    ["`retries` among the parameters", user("Hi"), { retries: 1 }, "/retries"],
    ["an option in `extra_body`", user("Hi"), { extra_body: { timeoutMs: 5 } }, "/timeoutMs"],
    ["an `extra_body` that is no object", user("Hi"), { extra_body: [] }, "/extra_body"],
    ["a Map as `extra_body`", user("Hi"), { extra_body: new Map() }, "/extra_body"],
    ["Python's `extra_headers`", user("Hi"), { extra_headers: {} }, "/extra_headers"],
    ["a seed that was rounded", user("Hi"), { seed: 2 ** 53 }, "/seed"],
    ["a message without a role", [{ content: "Hi" }], {}, "/messages/0"],
    ["a message that is no object", [null], {}, "/messages/0"],
    ["no model", user("Hi"), { model: undefined }, "/model"],
    ["a NaN", user("Hi"), { temperature: Number.NaN }, "/temperature"],
    ["a Date in a message", [{ role: "user", content: new Date(0) }], {}, "/messages/0/content"],
    ["a stream", user("Hi"), { stream: true }, "/stream"],
    ["the reserved member", user("Hi"), { remem: {} }, "/remem"],
    [
      "params that throw",
      user("Hi"),
      Object.defineProperty({}, "a", {
        enumerable: true,
        get() {
          throw new Error("no");
        },
      }),
      "",
    ],
  ];
  test.each(cases)("%s", async (_, messages, params, path) => {
    const { client, provider, trace } = setUp();
    const call = client.infer(messages as ChatMessage[], params);
    await expect(call).rejects.toThrow(InvalidRequestError);
    await expect(call).rejects.toMatchObject({ code: "INVALID_REQUEST", path });
    expect(provider.calls).toEqual([]);
    expect(trace.events).toEqual([]);
  });
});

describe("a misspelt or wrong option is refused by name", () => {
  test.each([
    [{ ttl: 1 }, "no option `ttl`"],
    [{ cache: "force-cache" }, "`cache` must be one of default, reload, no-store, only-if-cached"],
    [{ ttlMs: 0 }, "`ttlMs` must be"],
    [{ ttlMs: 0.5 }, "`ttlMs` must be"],
    [{ ttlMs: Number.POSITIVE_INFINITY }, "`ttlMs` must be"],
    [{ timeoutMs: 2 ** 31 }, "`timeoutMs` must be"],
    [{ sample: -1 }, "`sample` must be"],
    [{ signal: {} }, "`signal` must be"],
  ])("infer: %o", async (options, message) => {
    const { client } = setUp();
    await expect(client.infer(user("Hi"), {}, options as object)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [{ ttlms: 1 }, "no option `ttlms`"],
    [{ provider: {} }, "`provider` must be"],
    [{ store: { specVersion: 2 } }, "`store` must be"],
    [{ store: { specVersion: 1, get() {} } }, "a method `set`"],
    [{ params: {} }, "at least a `model`"],
    [{ onStoreError: "ignore" }, "`onStoreError` must be"],
  ])("createClient: %o", (options, message) => {
    expect(() => setUp(options as never)).toThrow(message);
  });
});

test("an answer without choices is a typed error and not stored", async () => {
  for (const answer of [{}, { choices: [] }, { choices: [{}] }, "text", null]) {
    const { client, trace } = setUp({ provider: scriptedProvider(() => answer as never) });
    const call = client.infer(user("Hi"));
    await expect(call).rejects.toThrow(ProviderError);
    await expect(call).rejects.toMatchObject({ code: "MALFORMED_ANSWER", provider: "scripted" });
    expect(trace.types).toEqual(["miss", "provider-error"]);
  }
});

test("anything that a provider throws becomes a ProviderError, logged without the prompt", async () => {
  const lines: unknown[] = [];
  const log = (...line: unknown[]) => void lines.push(line);
  const provider = scriptedProvider(() => {
    throw new TypeError("fetch failed");
  });
  const { client } = setUp({
    provider,
    logger: { debug() {}, warn: log, error: log },
  });
  const call = client.infer(user("the prompt"));
  await expect(call).rejects.toThrow(ProviderError);
  await expect(call).rejects.toMatchObject({ code: "PROVIDER_ERROR", cause: expect.any(TypeError) });
  expect(lines.length).toBe(1);
  expect(JSON.stringify(lines)).toContain("fetch failed");
  expect(JSON.stringify(lines)).not.toContain("the prompt");
  await expect(client.infer(user("the prompt"))).rejects.toThrow(ProviderError);
  expect(provider.calls.length).toBe(2);
});

test("a listener or logger that throws costs a warning, not the call", async () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const throwing = () => {
    throw new Error("listener broke");
  };
  const { client } = setUp({ onEvent: throwing, logger: { debug: throwing, warn: throwing, error: throwing } });
  expect((await client.infer(user("Hi"))).source).toBe("provider");
  expect(warnings).toHaveBeenCalledWith(expect.stringContaining("listener broke"), expect.anything());
  warnings.mockRestore();
});

test.each(["default", "only-if-cached"] as const)("a loop of %s hits leaves timers their turn", async (cache) => {
  const client = createClient({ provider: scriptedProvider(), store: memoryStore(), params: { model: "m" } });
  await client.infer(user("Hi"));
  let hadItsTurn = false;
  setTimeout(() => {
    hadItsTurn = true;
  });
  for (let hit = 0; hit < 5_000 && !hadItsTurn; hit++) await client.infer(user("Hi"), {}, { cache });
  expect(hadItsTurn).toBe(true);
});

test.each([
  ["a month", 31 * 86_400_000],
  ["ten years", 3_653 * 86_400_000],
])("an answer may be served for %s", async (_, ttlMs) => {
  const { client } = setUp({ ttlMs });
  await client.infer("Hi", {}, { ttlMs });
  expect((await client.infer("Hi")).source).toBe("store");
});

test("the members of `extra_body` are sent beside the parameters, over those of the same name", async () => {
  const { client, provider } = setUp();
  const chat_template_kwargs = { enable_thinking: true };
  await client.infer({ messages: "Hi", top_k: 1, extra_body: { top_k: 2, chat_template_kwargs } });
  expect(provider.calls[0]).toMatchObject({ top_k: 2, chat_template_kwargs });
  expect(provider.calls[0]).not.toHaveProperty("extra_body");
  expect((await client.infer("Hi", { top_k: 2, chat_template_kwargs })).source).toBe("store");
});

test("a whole number beyond 2^53 is keyed, sent and kept digit by digit", async () => {
  const { client, provider, store } = setUp();
  const seedOf = (digits: string) => (parseJson(`{"seed":${digits}}`) as { seed: number }).seed;
  const { key } = await client.infer("Hi", { seed: seedOf("9007199254740993") });
  expect(JSON.stringify(provider.calls[0])).toContain('"seed":9007199254740993');
  expect((await client.infer("Hi", { seed: seedOf("9007199254740995") })).source).toBe("provider");
  expect((await client.infer("Hi", { seed: seedOf("9007199254740993") })).source).toBe("store");
  const { request, facts } = (await readEntry(store, key))!;
  expect(JSON.stringify(request)).toContain('"seed":9007199254740993');
  expect(recomputedKey(chatSurface, request!, facts ?? {})).toBe(key);
});

test("an option among a client's parameters is refused when the client is made", () => {
  const options = { provider: scriptedProvider(), store: memoryStore() };
  for (const params of [{ timeoutMs: 5 }, { extra_body: { timeoutMs: 5 } }]) {
    const make = () => createClient({ ...options, params: { model: "m", ...params } });
    expect(make).toThrow(/`params.timeoutMs` is an option/);
  }
});

test("keyOf tells the key of a request and what is in it, and reads and sends nothing", async () => {
  const provider = { ...scriptedProvider(() => completion("a")), scope: "lab" };
  const store = memoryStore();
  const client = createClient({ provider, store, params: { model: "m", temperature: 0 } });
  const keyed = client.keyOf({ messages: "Hi", top_p: 1 }, { sample: 2 });
  expect(keyed).toEqual({
    key: expect.stringMatching(/^[0-9a-f]{64}$/),
    request: { model: "m", temperature: 0, messages: [{ role: "user", content: "Hi" }], top_p: 1 },
    facts: { scope: "lab", sample: 2 },
  });
  expect(client.keyOf("Hi", { top_p: 1 }, { sample: 2 })).toEqual(keyed);
  expect(client.stats()).toMatchObject({ hits: 0, misses: 0 });
  const { key } = await client.infer("Hi", { top_p: 1 }, { sample: 2 });
  expect(key).toBe(keyed.key);
  expect(await readEntry(store, key)).toMatchObject({ request: keyed.request, facts: keyed.facts });
  expect(() => client.keyOf({ messages: 5 as never })).toThrow(/messages/);
  expect(() => client.keyOf("Hi", {}, { ttlMs: 1 } as never)).toThrow(/keyOf: there is no option `ttlMs`/);
});
