import { once } from "node:events";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import {
  type ChatCompletion,
  type Client,
  type ClientOptions,
  chatSurface,
  createClient,
  type InferRequest,
  type InferStream,
  memoryStore,
  ProviderError,
} from "../../src/index.ts";
import { completion, createGate, createTrace, scriptedProvider, serverChunks, streamingProvider } from "../doubles.ts";
import { goldenStreams } from "../golden/streams.ts";

const answer = completion("Some words of an answer.");

function setUp(provider: ClientOptions["provider"], options: Partial<ClientOptions> = {}) {
  const trace = createTrace();
  const store = memoryStore();
  const client = createClient({ provider, store, params: { model: "m" }, onEvent: trace.record, ...options });
  return { client, store, trace };
}
/** A provider whose streams wait at the gate after their first chunk. */
function heldProvider() {
  const gate = createGate();
  const provider = streamingProvider(async function* () {
    const [first, ...rest] = serverChunks(answer);
    yield first!;
    await gate.opened;
    yield* rest;
  });
  return { provider, gate };
}
/** What the chunks of a stream add up to, and how many they are. */
async function read(stream: InferStream): Promise<{ sum: ChatCompletion; count: number; text: string }> {
  const aggregate = chatSurface.aggregate!();
  let [count, text] = [0, ""];
  for await (const chunk of stream) {
    aggregate.add(chunk);
    count += 1;
    text += chunk.choices[0]?.delta.content ?? "";
  }
  return { sum: aggregate.answer(), count, text };
}
const usage = { stream_options: { include_usage: true } };

test("a stream gives the provider's chunks, then the whole, and is stored once it is complete", async () => {
  const provider = streamingProvider(() => serverChunks(answer));
  const { client, trace } = setUp(provider);
  const stream = client.stream("Hi", { temperature: 0, ...usage });
  expect(await read(stream)).toEqual({
    sum: answer,
    count: serverChunks(answer).length,
    text: "Some words of an answer.",
  });
  const result = await stream.result();
  expect(result).toMatchObject({ response: "Some words of an answer.", source: "provider", cacheHit: false });
  expect(result.completion).toEqual(answer);
  expect(trace.types).toEqual(["miss", "stored"]);

  const again = client.stream("Hi", { temperature: 0, ...usage });
  expect(await read(again)).toEqual({ sum: answer, count: 2, text: "Some words of an answer." });
  expect(await again.result()).toEqual({ ...result, source: "store", cacheHit: true });
  expect(await client.infer("Hi", { temperature: 0 })).toEqual(await again.result());
  expect(provider.calls).toEqual([{ model: "m", temperature: 0, messages: [{ role: "user", content: "Hi" }] }]);
  expect(client.stats()).toMatchObject({ hits: 2, misses: 1, providerCalls: 1, stored: 1 });
  expect(client.stats().tokens.paid).toEqual({ prompt: 9, completion: 3 });
});

describe("`infer` and `stream` answer each other, whichever comes first:", () => {
  const ways = {
    infer: async (client: Client) => (await client.infer("Hi")).completion,
    stream: async (client: Client) => (await read(client.stream("Hi", usage))).sum,
    result: async (client: Client) => (await client.stream("Hi").result()).completion,
  };
  const pairs = Object.keys(ways).flatMap((first) => Object.keys(ways).map((second) => [first, second] as const));

  test.each(pairs)("%s, then %s", async (first, second) => {
    const provider = streamingProvider(() => serverChunks(answer));
    const { client, trace } = setUp(provider);
    expect(await ways[first as keyof typeof ways](client)).toEqual(answer);
    expect(await ways[second as keyof typeof ways](client)).toEqual(answer);
    expect(trace.types).toEqual(["miss", "stored", "hit"]);
    expect(provider.calls).toHaveLength(1);
  });

  test.each(pairs)("%s, joined by %s", async (first, second) => {
    const { provider, gate } = heldProvider();
    const { client, trace } = setUp(provider);
    const running = ways[first as keyof typeof ways](client);
    await vi.waitFor(() => expect(provider.calls).toHaveLength(1), 30_000);
    const joining = ways[second as keyof typeof ways](client);
    gate.open();
    expect(await Promise.all([running, joining])).toEqual([answer, answer]);
    expect(trace.types).toEqual(["miss", "stored", "joined"]);
    expect(provider.calls).toHaveLength(1);
  });
});

test("a provider without `stream` is asked for the whole, which comes in chunks", async () => {
  const provider = scriptedProvider(() => answer);
  const { client } = setUp(provider);
  expect(await read(client.stream("Hi", { stream: true, ...usage }))).toMatchObject({ sum: answer, count: 2 });
  expect(provider.calls).toEqual([{ model: "m", messages: [{ role: "user", content: "Hi" }] }]);
});

test("a stream can be asked for by one object, and `stream: true` is not in the key", async () => {
  const { client } = setUp(streamingProvider(() => serverChunks(answer)));
  const stream = client.stream({ messages: "Hi", stream: true, seed: 1 }, { sample: 2, ttlMs: 60_000 });
  const { key } = await stream.result();
  expect(key).toBe(client.keyOf({ messages: "Hi", seed: 1 }, { sample: 2 }).key);
  await expect(client.infer({ messages: "Hi", stream: true } as never)).rejects.toMatchObject({ path: "/stream" });
});

describe("the usage", () => {
  const cumulative = serverChunks(answer).map((chunk) => ({ usage: { completion_tokens: 1 }, ...chunk }));

  test.each<[string, object[]]>([
    ["in a chunk of its own", serverChunks(answer)],
    ["in every chunk", cumulative],
    ["null in every chunk but the last", serverChunks(answer).map((chunk) => ({ usage: null, ...chunk }))],
  ])("%s is shown to those who asked, and to no others, who share the call and its entry", async (_, chunks) => {
    const provider = streamingProvider(() => chunks);
    const { client } = setUp(provider);
    const [silent, told] = await Promise.all([client.stream("Hi"), client.stream("Hi", usage)].map(read));
    const hit = await read(client.stream("Hi"));
    for (const { sum } of [silent!, hit]) {
      const { usage: _, ...rest } = answer;
      expect(sum).toEqual(rest);
    }
    expect(told?.sum.usage).toEqual(answer.usage);
    expect((await client.stream("Hi").result()).metadata).toMatchObject({ prompt_tokens: 9, completion_tokens: 3 });
    expect(provider.calls).toHaveLength(1);
  });

  test("is hidden together with padding, and the findings of a filter are not", async () => {
    const findings = { id: "", choices: [], usage: null, prompt_filter_results: [{ prompt_index: 0 }] };
    const { client } = setUp(streamingProvider(() => [findings, ...serverChunks(answer)]));
    const chunks: object[] = [];
    for await (const chunk of client.stream("Hi")) chunks.push(chunk);
    expect(chunks[0]).toEqual({ id: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    expect(inspect(chunks, { depth: 9 })).not.toMatch(/usage|obfuscation/);
  });
});

describe("the call", () => {
  test("begins with the first read, and one that is never read costs nothing", async () => {
    const provider = streamingProvider(() => serverChunks(answer));
    const { client, trace } = setUp(provider);
    const messages = [{ role: "user" as const, content: "Hi" }];
    const stream = client.stream(messages);
    client.stream("never read");
    messages[0]!.content = "changed";
    await client.stream("Other").result();
    expect(provider.calls).toHaveLength(1);
    await read(stream);
    expect(provider.calls[1]?.messages).toEqual([{ role: "user", content: "Hi" }]);
    expect(trace.types).toEqual(["miss", "stored", "miss", "stored"]);
    await client.close();
  });

  test("is aborted when its reader leaves the loop, and the next one is fresh", async () => {
    const { promise } = Promise.withResolvers<void>();
    const provider = streamingProvider(async function* (call) {
      yield* serverChunks(answer).slice(0, call === 0 ? 2 : undefined);
      if (call === 0) await promise;
    });
    const { client, trace } = setUp(provider);
    const stream = client.stream("Hi");
    for await (const _ of stream) break;
    await vi.waitFor(() => expect(provider.signals[0]?.aborted).toBe(true), 30_000);
    await expect(stream.result()).rejects.toMatchObject({
      code: "ABORTED",
      message: expect.stringContaining("result()"),
    });
    expect(await read(client.stream("Hi", usage))).toMatchObject({ sum: answer });
    expect(trace.types).toEqual(["miss", "miss", "stored"]);
  });

  test("is aborted at once when a Node or web stream that reads it is destroyed, also while it waits for a chunk", async () => {
    for (const destroy of [
      async (stream: InferStream) => {
        const readable = Readable.from(stream);
        await once(readable, "readable");
        readable.read();
        readable.read();
        return () => void readable.destroy();
      },
      async (stream: InferStream) => {
        const reader = ReadableStream.from(stream).getReader();
        await reader.read();
        void reader.read();
        return () => void reader.cancel();
      },
    ]) {
      const provider = streamingProvider(async function* (_, { signal }) {
        yield* serverChunks(answer).slice(0, 1);
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
      const { client } = setUp(provider);
      const end = await destroy(client.stream("Hi"));
      expect(provider.signals[0]?.aborted).toBe(false);
      end();
      await vi.waitFor(() => expect(provider.signals[0]?.aborted).toBe(true), 30_000);
      await client.close();
    }
  });

  test("goes on for `result()` when its reader leaves the loop", async () => {
    const { provider, gate } = heldProvider();
    const { client } = setUp(provider);
    const stream = client.stream("Hi");
    const result = stream.result();
    for await (const _ of stream) break;
    for await (const _ of stream) expect.unreachable("A stream is read once.");
    gate.open();
    expect((await result).completion).toEqual(answer);
    expect(stream.result()).toBe(result);
  });

  test("goes on when its reader leaves with the last chunk, since the answer is paid for", async () => {
    const gate = createGate();
    const [end] = serverChunks(answer).splice(-1);
    const provider = streamingProvider(async function* () {
      yield* serverChunks(answer).slice(0, -1);
      await gate.opened;
      yield end!;
    });
    const { client } = setUp(provider);
    for await (const { choices } of client.stream("Hi")) if (choices[0]?.finish_reason) break;
    gate.open();
    await vi.waitFor(async () => expect(await client.has("Hi")).toBe(true), 30_000);
    expect((await client.infer("Hi")).completion).toEqual(answer);
    expect(provider.calls).toHaveLength(1);
  });

  test("ends without its reader, who may never come back", async () => {
    const { client, trace } = setUp(streamingProvider(() => serverChunks(answer)));
    const reader = client.stream("Hi")[Symbol.asyncIterator]();
    await reader.next();
    await vi.waitFor(() => expect(trace.types).toEqual(["miss", "stored"]), 30_000);
    await client.close();
  });

  test("is aborted by its signal at once, and by its timeout, each for its own caller alone", async () => {
    const { provider, gate } = heldProvider();
    const { client } = setUp(provider);
    const controller = new AbortController();
    const other = client.stream("Hi").result();
    const [aborted, late] = [{ signal: controller.signal }, { timeoutMs: 5 }].map((options) =>
      client.stream("Hi", {}, options)[Symbol.asyncIterator](),
    );
    await Promise.all([aborted!.next(), late!.next()]);
    const [next, afterTimeout] = [aborted!.next(), late!.next()];
    controller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    await expect(afterTimeout).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
    gate.open();
    expect((await other).completion).toEqual(answer);
  });

  test("ends with the client", async () => {
    const { client } = setUp(streamingProvider(() => serverChunks(answer)));
    await client.close();
    await expect(client.stream("Hi").result()).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
    await expect(read(client.stream("Hi"))).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
  });
});

describe("a stream that fails", () => {
  const failures: ReadonlyArray<readonly [string, (chunks: object[]) => Iterable<object>, object]> = [
    [
      "with an error",
      function* (chunks) {
        yield* chunks;
        throw new ProviderError("gone", { provider: "streaming", status: 502, retryable: true });
      },
      { message: "gone", status: 502 },
    ],
    [
      "without its end",
      (chunks) => chunks,
      { code: "PROVIDER_ERROR", retryable: true, message: /ended its stream before/ },
    ],
    [
      "with an error in a chunk",
      (chunks) => [
        ...chunks,
        { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], error: { message: "gone" } },
      ],
      { message: /ended its stream before/ },
    ],
    ["with a chunk that is nested too deep", (chunks) => [...chunks, deep()], { code: "MALFORMED_ANSWER" }],
  ];
  test.each(failures)("%s is given up to there, is not stored, and the next call is fresh", async (_, fail, error) => {
    const beginning = serverChunks(answer).slice(0, 3);
    const provider = streamingProvider((call) => (call === 0 ? fail(beginning) : serverChunks(answer)));
    const { client, trace } = setUp(provider);
    const stream = client.stream("Hi");
    let text = "";
    const reading = (async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    })().catch((error: unknown) => error);
    const joined = client.infer("Hi").catch((error: unknown) => error);
    const failure = await reading;
    expect(text).toBe("Some words ");
    const { message, ...rest } = error as { message: string | RegExp };
    expect(failure).toMatchObject(rest);
    if (message !== undefined) expect((failure as Error).message).toMatch(message);
    await expect(stream.result()).rejects.toBe(failure);
    if ((failure as ProviderError).retryable) {
      // A caller that waits for the whole has seen nothing of the stream.
      expect(await joined).toMatchObject({ completion: answer, source: "provider" });
      expect(trace.types).toEqual(["miss", "provider-error", "miss", "stored"]);
    } else {
      expect(await joined).toBe(failure);
      expect(trace.types).toEqual(["miss", "provider-error"]);
    }
    expect((await client.stream("Hi").result()).completion).toEqual(answer);
    const { hits, joined: coalesced, misses } = client.stats();
    expect([misses, hits + coalesced]).toEqual([2, 1]);
  });

  test("rejects nobody who does not ask: `result()` that is never awaited is no unhandled rejection", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { client } = setUp(
      streamingProvider(() => {
        throw new Error("broken");
      }),
    );
    const stream = client.stream("Hi");
    stream.result();
    await expect(read(stream)).rejects.toThrow("broken");
    const left = client.stream("Ho");
    await left[Symbol.asyncIterator]()
      .next()
      .catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("for its rate is sent again, and not where a caller has read its beginning", async () => {
    const limited = () =>
      new ProviderError("slow down", {
        provider: "streaming",
        status: 429,
        rateLimited: true,
        retryable: true,
        retryAfterMs: 1,
      });
    const provider = streamingProvider(function* (call) {
      if (call === 1) yield* serverChunks(answer).slice(0, 2);
      if (call < 2) throw limited();
      yield* serverChunks(answer);
    });
    const { client, trace } = setUp(provider);
    await expect(read(client.stream("Hi"))).rejects.toMatchObject({ status: 429 });
    expect(provider.calls).toHaveLength(2);
    expect((await client.stream("Hi").result()).completion).toEqual(answer);
    expect(trace.types).toEqual(["miss", "rate-limited", "provider-error", "miss", "stored"]);
  });
});

describe("of recorded streams, those that are whole and usable are stored:", () => {
  test.each(goldenStreams)("$name", async ({ chunks, complete, request, stored, answer: whole }) => {
    const { stream: _, stream_options: __, ...asked } = request as InferRequest;
    const { client } = setUp(streamingProvider(() => chunks));
    const stream = client.stream(asked, {});
    if (complete) expect((await stream.result()).completion).toEqual(whole);
    else await expect(stream.result()).rejects.toMatchObject({ code: "PROVIDER_ERROR" });
    expect(await client.has(asked)).toBe(stored);
  });
});

test("an answer that is not worth storing is streamed, and asked for again", async () => {
  const cut = completion("Half an", {}, { finish_reason: "length" });
  const provider = streamingProvider(() => serverChunks(cut));
  const { client, trace } = setUp(provider);
  for (const _ of [1, 2]) expect((await read(client.stream("Hi", usage))).sum).toEqual(cut);
  expect(trace.types).toEqual(["miss", "not-admitted", "miss", "not-admitted"]);
});

test("the modes of the cache hold for streams", async () => {
  const provider = streamingProvider(() => serverChunks(answer));
  const { client } = setUp(provider);
  const sourceOf = async (cache: "reload" | "no-store" | "only-if-cached") => {
    const stream = client.stream("Hi", {}, { cache });
    await read(stream);
    return (await stream.result()).source;
  };
  await expect(sourceOf("only-if-cached")).rejects.toMatchObject({ code: "CACHE_MISS" });
  expect(await sourceOf("no-store")).toBe("provider");
  expect(await client.has("Hi")).toBe(false);
  expect([await sourceOf("reload"), await sourceOf("reload")]).toEqual(["provider", "provider"]);
  expect(await sourceOf("only-if-cached")).toBe("store");
});

test("a thousand callers who leave at random cost one call, and leave nothing behind", async () => {
  const gates = Array.from({ length: 20 }, createGate);
  const long = completion(Array.from({ length: 18 }, (_, word) => `word${word} `).join(""));
  const chunks = serverChunks(long);
  const provider = streamingProvider(async function* () {
    for (const [at, chunk] of chunks.entries()) {
      await gates[at]?.opened;
      yield chunk;
    }
  });
  const { client } = setUp(provider);
  let left = 0;
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  async function caller(stays: boolean): Promise<ChatCompletion | undefined> {
    const [patience, waits] = [stays ? Number.POSITIVE_INFINITY : Math.floor(random() * 25), random() < 0.3];
    const aggregate = chatSurface.aggregate!();
    let seen = 0;
    for await (const chunk of client.stream("Hi", usage)) {
      aggregate.add(chunk);
      if (waits) await new Promise((resolve) => setImmediate(resolve)); // A slow reader.
      seen += 1;
      if (seen > patience) {
        left += 1;
        return undefined;
      }
    }
    return aggregate.answer();
  }
  const callers: Array<Promise<ChatCompletion | undefined>> = [];
  for (const gate of gates) {
    for (let count = 0; count < 50; count++) callers.push(caller(callers.length === 0));
    gate.open();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const answers = await Promise.all(callers);
  expect(provider.calls).toHaveLength(1);
  expect(left).toBeGreaterThan(500);
  for (const whole of answers) if (whole !== undefined) expect(whole).toEqual(long);
  const { hits, joined, misses } = client.stats();
  expect([hits + joined + misses, misses]).toEqual([1_000, 1]);
  await client.close(); // It waits for callers, and none is left.
});

test("options are checked by name, at once, and stand in the last argument", () => {
  const { client } = setUp(streamingProvider(() => []));
  expect(() => client.stream("Hi", {}, { schema: {} } as never)).toThrow("stream: there is no option `schema`");
  expect(() => client.stream("Hi", {}, { replay: { ms: 1 } } as never)).toThrow("`replay`: there is no option `ms`");
  expect(() => client.stream("Hi", {}, { replay: { chunkMs: 0 } })).toThrow("`replay.chunkMs` must be a whole number");
  expect(() => client.stream("Hi", { replay: { chunkMs: 1 } } as never)).toThrow("stream(request, { replay })");
  expect(() => client.stream([{ content: "Hi" }] as never)).toThrow("must be a message");
  expect(() => client.stream("Hi", {}, { timeoutMs: -1 })).toThrow("`timeoutMs`");
});

function deep(): object {
  let value: object = {};
  for (let level = 0; level < 600; level++) value = { value };
  return value;
}
