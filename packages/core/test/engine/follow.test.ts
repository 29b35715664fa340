import { expect, test, vi } from "vitest";
import {
  type Call,
  chatSurface,
  createCall,
  createReadThrough,
  type Following,
  memoryStore,
  type ReplayOptions,
} from "../../src/index.ts";
import type { ChatCompletion, ChatRequest } from "../../src/plugin.ts";
import { completion, createGate, user } from "../doubles.ts";

/** A call whose answer comes in three chunks, each when its gate is opened. */
function setUp() {
  const gates = [createGate(), createGate(), createGate()];
  const stops: unknown[] = [];
  const cache = createReadThrough({ store: memoryStore() });
  const call: Call<ChatRequest, ChatCompletion> = createCall(
    chatSurface,
    { model: "m", messages: user("Hi") },
    {
      provider: "chunks",
      async ask(_, { signal, publish }) {
        signal.addEventListener("abort", () => stops.push(signal.reason));
        for (const [number, gate] of gates.entries()) {
          await gate.opened;
          publish({ number });
        }
        return completion("whole");
      },
    },
  );
  return { gates, stops, cache, call };
}
async function collect({ chunks, outcome }: Following<ChatCompletion>) {
  const all: object[] = [];
  for await (const chunk of chunks()) all.push(chunk);
  return { chunks: all, source: (await outcome).source };
}
const ALL = [{ number: 0 }, { number: 1 }, { number: 2 }];

test("every follower gets all chunks, whenever it joined and however slowly it reads, and a caller of `get` the whole", async () => {
  const { gates, cache, call } = setUp();
  const slow = cache.follow(call);
  const reading = slow.chunks();
  const first = reading.next();
  gates[0]!.open();
  expect(await first).toEqual({ done: false, value: ALL[0] });
  const late = collect(cache.follow(call));
  const whole = cache.get(call);
  for (const gate of gates) gate.open();
  expect(await late).toEqual({ chunks: ALL, source: "flight" });
  expect((await whole).answer.choices[0]?.message.content).toBe("whole");
  const rest: object[] = [];
  for await (const chunk of reading) rest.push(chunk);
  expect(rest).toEqual(ALL.slice(1));
  expect((await slow.outcome).source).toBe("provider");
});

test("an answer that comes whole is split by the surface: from the store, and from a call that nobody streams", async () => {
  const { gates, cache, call } = setUp();
  const whole = [...chatSurface.chunksOf!(completion("whole"))];
  const unstreamed = { ...call, ask: async () => completion("whole") };
  const [got, followed] = await Promise.all([cache.get(unstreamed), collect(cache.follow(unstreamed))]);
  expect(got.source).toBe("provider");
  expect(followed).toEqual({ chunks: whole, source: "flight" });
  expect(await collect(cache.follow(call))).toEqual({ chunks: whole, source: "store" });
  expect(await collect(cache.follow({ ...call, mode: "only-if-cached" }))).toEqual({ chunks: whole, source: "store" });
  for (const gate of gates) gate.open();
});

test("what a call announces is there before its first chunk, for all who follow it, and is its own", async () => {
  const { gates, cache, call } = setUp();
  const announcing = (name: string): typeof call => ({
    ...call,
    ask(request, context) {
      context.announce({ name });
      return call.ask(request, context);
    },
  });
  const first = cache.follow(announcing("first"));
  expect(await first.begun()).toEqual({ head: { name: "first" } });
  const followers = [
    cache.follow(announcing("joined")),
    cache.follow({ ...announcing("apart"), mode: "no-store" }),
    cache.follow({ ...announcing("apart again"), mode: "no-store" }),
  ];
  const heads = await Promise.all(followers.map(async ({ begun }) => (await begun()).head));
  expect(heads).toEqual([{ name: "first" }, { name: "apart" }, { name: "apart again" }]);
  for (const gate of gates) gate.open();
  for (const follower of [first, ...followers]) expect((await collect(follower)).chunks).toEqual(ALL);
});

test("an answer begins with its first chunk, or with its outcome where it comes whole, or not at all", async () => {
  const { gates, cache, call } = setUp();
  const silent = cache.follow(call);
  gates[0]!.open();
  expect(await silent.begun()).toEqual({ head: undefined });
  for (const gate of gates) gate.open();
  await silent.outcome;
  for (const mode of ["default", "only-if-cached"] as const) {
    const stored = cache.follow({ ...call, mode });
    expect(await stored.begun()).toEqual({ outcome: await stored.outcome });
    expect((await stored.outcome).source).toBe("store");
  }
  const failing = cache.follow({ ...call, mode: "reload", ask: () => Promise.reject(new Error("broken")) });
  await expect(failing.begun()).rejects.toThrow("broken");

  const controller = new AbortController();
  const endless = { ...call, mode: "reload" as const, ask: () => new Promise<never>(() => {}) };
  const waiting = cache.follow(endless, { signal: controller.signal }).begun();
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test("a replay can be paced: it comes by word, and ends at once when it is aborted", async () => {
  const { cache, call } = setUp();
  await cache.get({ ...call, ask: async () => completion("some more words") });
  const replay: ReplayOptions = { chunkMs: 1 };
  const { chunks } = await collect(cache.follow(call, {}, replay));
  expect(chunks).toEqual([...chatSurface.chunksOf!(completion("some more words"), { byWord: true })]);

  const controller = new AbortController();
  const endless = cache.follow(call, { signal: controller.signal }, { chunkMs: 2 ** 30 }).chunks();
  await endless.next();
  const next = endless.next();
  controller.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
});

test("a chunk belongs to its reader", async () => {
  const { gates, cache, call } = setUp();
  const answer = completion("whole");
  const streamed = {
    ...call,
    ask: async (_: unknown, { publish }: { publish(chunk: object): void }) => {
      for (const chunk of chatSurface.chunksOf!(answer)) publish(chunk);
      return answer;
    },
  };
  const readers = [cache.follow(streamed), cache.follow(streamed)];
  for (const { chunks } of readers) {
    for await (const chunk of chunks()) {
      const { choices } = chunk as { choices: Array<{ delta: object }> };
      expect(JSON.stringify(chunk)).not.toContain("spoilt");
      for (const { delta } of choices) Object.assign(delta, { content: "spoilt" });
    }
  }
  expect((await readers[0]!.outcome).answer).toEqual(completion("whole"));
  for (const gate of gates) gate.open();
});

test("a follower that leaves ends nothing for the others, and the last one aborts the call", async () => {
  const { gates, stops, cache, call } = setUp();
  const followers = [cache.follow(call), cache.follow(call)] as const;
  const readers = [followers[0].chunks(), followers[1].chunks()] as const;
  gates[0]!.open();
  await Promise.all(readers.map((reader) => reader.next()));
  followers[0].leave();
  await expect(followers[0].outcome).rejects.toMatchObject({ code: "ABORTED" });
  expect(stops).toEqual([]);
  gates[1]!.open();
  expect((await readers[1].next()).value).toEqual(ALL[1]);
  followers[1].leave();
  await expect(followers[1].outcome).rejects.toMatchObject({ code: "ABORTED" });
  expect(stops).toHaveLength(1);
  expect(cache.stats()).toMatchObject({ misses: 1, joined: 1 });
});

test("a follower is told of a failure after the chunks that came, and of its own abort at once", async () => {
  const { cache, call } = setUp();
  const failing = {
    ...call,
    ask: async (_: unknown, { publish }: { publish(chunk: object): void }) => {
      publish(ALL[0]!);
      throw new Error("broken off");
    },
  };
  const running = cache.follow(failing);
  const reader = running.chunks();
  expect((await reader.next()).value).toEqual(ALL[0]);
  await expect(reader.next()).rejects.toThrow("broken off");
  await expect(running.outcome).rejects.toThrow("broken off");

  const controller = new AbortController();
  const waiting = cache.follow(call, { signal: controller.signal });
  const next = waiting.chunks().next();
  await vi.waitFor(() => expect(cache.stats().misses).toBe(2), 30_000);
  controller.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
});

test("a follower that is refused, by a closed cache or an aborted signal, rejects instead of throwing", async () => {
  const { cache, call } = setUp();
  const aborted = cache.follow(call, { signal: AbortSignal.abort(new Error("enough")) });
  await expect(aborted.chunks().next()).rejects.toThrow("enough");
  await expect(cache.follow({ ...call, mode: "only-if-cached" }).outcome).rejects.toMatchObject({ code: "CACHE_MISS" });
  await cache.close();
  await expect(cache.follow(call).chunks().next()).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
});

test("a slow reader's budget ends with the call, not with its reading", async () => {
  vi.useFakeTimers();
  try {
    const { gates, cache, call } = setUp();
    const slow = cache.follow(call, { timeoutMs: 60_000 });
    const reader = slow.chunks();
    for (const gate of gates) gate.open();
    await reader.next();
    await slow.outcome;
    vi.advanceTimersByTime(120_000);
    expect((await reader.next()).value).toEqual(ALL[1]);

    const late = cache.follow(
      { ...call, mode: "reload", ask: () => new Promise<never>(() => {}) },
      { timeoutMs: 60_000 },
    );
    const next = late.chunks().next();
    vi.advanceTimersByTime(60_000);
    await expect(next).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
  } finally {
    vi.useRealTimers();
  }
});
