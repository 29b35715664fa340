import { collect } from "@remem/test-support/collect";
import { describe, expect, test, vi } from "vitest";
import {
  type BatchProgress,
  type ClientOptions,
  cacheKey,
  createClient,
  type InferFailure,
  type InferRequest,
  type InferResult,
  memoryStore,
  ProviderError,
  RememError,
} from "../../src/index.ts";
import { completion, createGate, scriptedProvider, user } from "../doubles.ts";

function setUp(options: Partial<ClientOptions> = {}) {
  const provider = scriptedProvider(({ messages }) => completion(`re: ${messages[0]?.content}`));
  return { provider, client: createClient({ provider, store: memoryStore(), params: { model: "m" }, ...options }) };
}

const texts = (results: ReadonlyArray<InferResult | InferFailure>) =>
  results.map((result) => (result.error ? result.error.code : result.response));

test("1,000 items, half of them repeats and five failing: in order, one call each, failures in their places", async () => {
  const bad = new Set(["q7", "q77", "q177", "q277", "q377"]);
  const provider = scriptedProvider(({ messages }) => {
    const question = messages[0]?.content as string;
    if (bad.has(question)) throw new ProviderError("refused", { provider: "scripted", status: 400 });
    return completion(`re: ${question}`);
  });
  const { client } = setUp({ provider });
  const questions = Array.from({ length: 1_000 }, (_, index) => `q${(index * 7) % 500}`);
  const seen: number[] = [];
  const results = await client.batchInfer(questions.map(user), {}, { onProgress: ({ done }) => void seen.push(done) });
  expect(texts(results)).toEqual(
    questions.map((question) => (bad.has(question) ? "PROVIDER_ERROR" : `re: ${question}`)),
  );
  const failures = results.filter((result) => result.error !== undefined);
  expect(failures.length).toBe(10); // five distinct ones, each asked for twice
  for (const { error, key, cacheHit } of failures) {
    expect(ProviderError.is(error)).toBe(true);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(cacheHit).toBe(false);
  }
  const asked = provider.calls.map(({ messages }) => messages[0]?.content as string);
  const answered = asked.filter((question) => !bad.has(question));
  expect(new Set(answered).size).toBe(answered.length);
  expect(new Set(asked).size).toBe(500);
  expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
});

test("at most `concurrency` calls run at a time, and hits need no slot", async () => {
  const gate = createGate();
  let running = 0;
  let most = 0;
  const provider = scriptedProvider(async ({ messages }) => {
    most = Math.max(most, ++running);
    if (messages[0]?.content !== "known") await gate.opened;
    running -= 1;
    return completion("a");
  });
  const { client } = setUp({ provider });
  await client.infer(user("known"));
  const settled: number[] = [];
  const batch = client.batchInfer(
    ["a", "b", "c", "d", "e", "known", "known"].map(user),
    {},
    { concurrency: 2, onProgress: ({ hits }) => void settled.push(hits) },
  );
  await vi.waitFor(() => expect(settled).toEqual([1, 2]));
  expect(provider.calls.length).toBe(3);
  gate.open();
  await batch;
  expect(most).toBe(2);
});

test("hits of a batch are read in bulk", async () => {
  const store = memoryStore();
  const { client } = setUp({ store });
  const questions = Array.from({ length: 300 }, (_, index) => user(`q${index}`));
  await client.batchInfer(questions);
  const sizes: number[] = [];
  const counting = {
    ...store,
    get: () => Promise.reject(new Error("read one by one")),
    getMany: (keys: readonly string[]) => {
      sizes.push(keys.length);
      return store.getMany!(keys);
    },
  };
  const { client: reader } = setUp({ store: counting });
  const results = await reader.batchInfer(questions);
  expect(results.every(({ cacheHit }) => cacheHit)).toBe(true);
  expect(sizes).toEqual([128, 128, 44]);
});

test("a batch works over a store without getMany, or one that returns the wrong number of values", async () => {
  const { getMany: _, ...plain } = memoryStore();
  const { client } = setUp({ store: plain });
  await client.batchInfer([user("a"), user("b")]);
  expect((await client.batchInfer([user("a"), user("b")])).map(({ cacheHit }) => cacheHit)).toEqual([true, true]);
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const { client: other } = setUp({ store: { ...memoryStore(), getMany: async () => [] } });
  expect(texts(await other.batchInfer([user("a"), user("b")]))).toEqual(["re: a", "re: b"]);
  expect(warnings).toHaveBeenCalledOnce();
  warnings.mockRestore();
});

test("an invalid item fails in its own place, and has no key", async () => {
  const { client, provider } = setUp();
  const results = await client.batchInfer([
    user("a"),
    [{ role: "user", content: 1n as never }],
    user("b"),
    null as never,
  ]);
  expect(texts(results)).toEqual(["re: a", "INVALID_REQUEST", "re: b", "INVALID_REQUEST"]);
  expect(results[1]).toEqual({ error: expect.any(RememError), cacheHit: false });
  expect(provider.calls.length).toBe(2);
});

test("an abort turns the unanswered items into failures and keeps the answers", async () => {
  const gate = createGate();
  const provider = scriptedProvider(async ({ messages }) => {
    if (messages[0]?.content !== "quick") await gate.opened;
    return completion("a");
  });
  const { client } = setUp({ provider });
  const controller = new AbortController();
  const batch = client.batchInfer(
    ["quick", "b", "c", "d"].map(user),
    {},
    { concurrency: 2, signal: controller.signal },
  );
  await vi.waitFor(() => expect(provider.calls.length).toBe(3));
  controller.abort(new Error("stop"));
  const results = await batch;
  expect(texts(results)).toEqual(["a", "ABORTED", "ABORTED", "ABORTED"]);
  expect(results[1]).toMatchObject({ error: { cause: new Error("stop") } });
  expect(provider.calls.length).toBe(3);
  expect(await client.batchInfer(["quick", "b"].map(user), {}, { signal: AbortSignal.abort() })).toHaveLength(2);
});

test("an item's timeoutMs starts when its turn has come", async () => {
  vi.useFakeTimers();
  try {
    const provider = scriptedProvider(
      () => new Promise((resolve) => void setTimeout(() => resolve(completion("a")), 900)),
    );
    const { client } = setUp({ provider });
    const batch = client.batchInfer(["a", "b", "c"].map(user), {}, { concurrency: 1, timeoutMs: 1_000 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(texts(await batch)).toEqual(["a", "a", "a"]);
  } finally {
    vi.useRealTimers();
  }
});

describe("inferEach", () => {
  const items = (names: readonly string[]): InferRequest[] => names.map((name) => ({ messages: user(name) }));

  test("gives answers in order, each item with its own params", async () => {
    const { client, provider } = setUp();
    const results = await collect(
      client.inferEach([
        { messages: user("a"), seed: 1 },
        { messages: user("b"), model: "x" },
      ]),
    );
    expect(texts(results)).toEqual(["re: a", "re: b"]);
    expect(provider.calls).toMatchObject([{ model: "m", seed: 1 }, { model: "x" }]);
  });

  test("starts nothing before it is read, and pulls no further than its window", async () => {
    let pulled = 0;
    async function* source(): AsyncGenerator<InferRequest> {
      while (true) yield { messages: user(`${pulled++}`) };
    }
    const gate = createGate();
    const provider = scriptedProvider(async () => {
      await gate.opened;
      return completion("a");
    });
    const { client } = setUp({ provider });
    const answers = client.inferEach(source(), { window: 5 })[Symbol.asyncIterator]();
    await new Promise(setImmediate);
    expect(pulled).toBe(0);
    const first = answers.next();
    await vi.waitFor(() => expect(provider.calls.length).toBe(5));
    expect(pulled).toBe(5);
    gate.open();
    await first;
    await vi.waitFor(() => expect(pulled).toBe(6));
    await answers.return?.();
  });

  test("works on later items while the first is slow, and gives an answer before the next item arrives", async () => {
    const gate = createGate();
    const provider = scriptedProvider(async ({ messages }) => {
      if (messages[0]?.content === "slow") await gate.opened;
      return completion("a");
    });
    const { client } = setUp({ provider });
    const all = collect(client.inferEach(items(["slow", "b", "c", "d"]), { concurrency: 2 }));
    await vi.waitFor(() => expect(client.stats().stored).toBe(3));
    gate.open();
    expect(await all).toHaveLength(4);

    async function* hesitant(): AsyncGenerator<InferRequest> {
      yield* items(["one"]);
      await new Promise(() => {});
    }
    const answers = client.inferEach(hesitant())[Symbol.asyncIterator]();
    expect(await answers.next()).toMatchObject({ value: { response: "a" } });
  });

  test("stops pulling and aborts running calls when its reader leaves", async () => {
    const stops: number[] = [];
    let closed = false;
    function* source(): Generator<InferRequest> {
      try {
        for (let index = 0; ; index++) yield { messages: user(`${index}`) };
      } finally {
        closed = true;
      }
    }
    const provider = scriptedProvider(({ messages }, signal) => {
      if (messages[0]?.content === "0") return completion("a");
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          stops.push(provider.calls.length);
          reject(signal.reason);
        });
      });
    });
    const { client } = setUp({ provider });
    for await (const result of client.inferEach(source(), { concurrency: 3, window: 8 })) {
      expect(result).toMatchObject({ response: "a" });
      break;
    }
    await vi.waitFor(() => expect(closed).toBe(true));
    expect(stops.length).toBeGreaterThan(0);
    await client.close();
  });

  test("when its source fails, gives the earlier answers and then rejects", async () => {
    const { client } = setUp();
    async function* source(): AsyncGenerator<InferRequest> {
      yield* items(["a"]);
      throw new Error("disk gone");
    }
    const results: unknown[] = [];
    const reading = (async () => {
      for await (const result of client.inferEach(source())) results.push(result);
    })();
    await expect(reading).rejects.toThrow("disk gone");
    expect(results).toHaveLength(1);
  });
});

test("wrong options of a batch are refused by name, and a throwing onProgress is a warning", async () => {
  const { client } = setUp();
  await expect(client.batchInfer([], {}, { concurrency: 0 })).rejects.toThrow("`concurrency` must be");
  await expect(client.batchInfer([], {}, { window: 1 } as object)).rejects.toThrow("no option `window`");
  expect(() => client.inferEach([], { windows: 1 } as object)).toThrow("no option `windows`");
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const onProgress = () => {
    throw new Error("bar broke");
  };
  expect(await client.batchInfer([user("a")], {}, { onProgress })).toHaveLength(1);
  expect(warnings).toHaveBeenCalledWith(expect.stringContaining("bar broke"), expect.anything());
  warnings.mockRestore();
});

describe("samples", () => {
  function counting(): ClientOptions & { asked(): number } {
    let asked = 0;
    const provider = scriptedProvider(() => {
      asked += 1;
      return completion(`answer ${asked}`);
    });
    return { provider, store: memoryStore(), params: { model: "m" }, asked: () => asked };
  }

  test("are independent answers to each item, which follow each other, and are topped up later", async () => {
    const { asked, ...options } = counting();
    const client = createClient(options);
    const two = await client.batchInfer(["a", "b"], {}, { samples: 2, concurrency: 1 });
    expect(texts(two)).toEqual(["answer 1", "answer 2", "answer 3", "answer 4"]);
    const seen: BatchProgress[] = [];
    const three = await client.batchInfer(["a", "b"], {}, { samples: 3, onProgress: (now) => void seen.push(now) });
    expect(texts(three).filter((_, index) => index % 3 !== 2)).toEqual(texts(two));
    expect(new Set(texts(three)).size).toBe(6);
    expect(seen.at(-1)).toEqual({ done: 6, total: 6, hits: 4, failures: 0 });
    expect(asked()).toBe(6);
    expect((await client.infer("a", {}, { sample: 2 })).response).toBe(texts(three)[2]);
    expect((await client.infer("a")).response).toBe("answer 1");
  });

  test("of a stream are pulled as there is room", async () => {
    const { asked: _, ...options } = counting();
    const client = createClient(options);
    async function* items() {
      yield "a";
      yield "b";
    }
    const results = await collect(client.inferEach(items(), { samples: 2, window: 1 }));
    const keyOf = (content: string, sample: number) => cacheKey({ model: "m", messages: user(content) }, { sample });
    expect(results.map(({ key }) => key)).toEqual([keyOf("a", 0), keyOf("a", 1), keyOf("b", 0), keyOf("b", 1)]);
  });

  test("contradict `sample`, and are no parameter", async () => {
    const { asked: _, ...options } = counting();
    const client = createClient(options);
    await expect(client.batchInfer(["a"], {}, { samples: 2, sample: 1 })).rejects.toThrow(/`samples` must be left out/);
    await expect(client.batchInfer(["a"], {}, { samples: 0 })).rejects.toThrow(
      /`samples` must be a whole number from 1/,
    );
    const [misplaced] = await client.batchInfer(["a"], { samples: 2 } as never);
    expect(misplaced?.error?.message).toMatch(/batchInfer\(list, params, \{ samples \}\)/);
  });
});
