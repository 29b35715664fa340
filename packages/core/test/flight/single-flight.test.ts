import { expect, test, vi } from "vitest";
import { type ChatCompletion, createClient, memoryStore, ProviderError } from "../../src/index.ts";
import { completion, createGate, createTrace, scriptedProvider, user } from "../doubles.ts";

/** A client whose provider answers when told to, and notes when it is told to stop. */
function setUp() {
  const gate = createGate();
  const stops: unknown[] = [];
  const provider = scriptedProvider((_, signal) => {
    signal.addEventListener("abort", () => stops.push(signal.reason));
    return gate.opened.then(() => completion("a"));
  });
  const store = memoryStore();
  const trace = createTrace();
  const client = createClient({ provider, store, params: { model: "m" }, onEvent: trace.record });
  const asked = (times = 1) => vi.waitFor(() => expect(provider.calls.length).toBe(times));
  return { gate, stops, provider, store, trace, client, asked };
}

test("one aborted caller of 50 leaves 49", async () => {
  const { client, gate, provider, stops, asked } = setUp();
  const controller = new AbortController();
  const calls = Array.from({ length: 50 }, (_, index) =>
    client.infer(user("Hi"), {}, index === 20 ? { signal: controller.signal } : {}),
  );
  await asked();
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(calls[20]).rejects.toBe(reason);
  gate.open();
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(49);
  expect(provider.calls.length).toBe(1);
  expect(stops).toEqual([]);
});

test("the first caller may leave, and those who joined still get the answer", async () => {
  const { client, gate, stops, asked } = setUp();
  const controller = new AbortController();
  const first = client.infer(user("Hi"), {}, { signal: controller.signal });
  await asked();
  const second = client.infer(user("Hi"));
  controller.abort();
  await expect(first).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  gate.open();
  expect((await second).source).toBe("flight");
  expect(stops).toEqual([]);
});

test("when the last caller leaves, the provider is aborted, and the key is free at once", async () => {
  const { client, gate, stops, provider, asked } = setUp();
  const controllers = [new AbortController(), new AbortController()];
  const calls = controllers.map(({ signal }) => client.infer(user("Hi"), {}, { signal }));
  await asked();
  for (const controller of controllers) controller.abort(new Error("gone"));
  await Promise.allSettled(calls);
  expect(stops).toEqual([new Error("gone")]);
  const next = client.infer(user("Hi"));
  gate.open();
  expect((await next).source).toBe("provider");
  expect(provider.calls.length).toBe(2);
});

test("an aborted signal ends the call before anything is read", async () => {
  const { client, provider, trace } = setUp();
  await expect(client.infer(user("Hi"), {}, { signal: AbortSignal.abort("why") })).rejects.toBe("why");
  expect(provider.calls).toEqual([]);
  expect(trace.events).toEqual([]);
});

test("an abort during the read of the store prevents the call of the provider", async () => {
  const { provider, store, gate } = setUp();
  const slow = { ...store, get: (key: string) => gate.opened.then(() => store.get(key)) };
  const client = createClient({ provider, store: slow, params: { model: "m" } });
  const controller = new AbortController();
  const call = client.infer(user("Hi"), {}, { signal: controller.signal });
  controller.abort(new Error("gone"));
  await expect(call).rejects.toThrow("gone");
  gate.open();
  await client.close();
  expect(provider.calls).toEqual([]);
});

test("an answer that was paid for is stored even if its caller has left", async () => {
  const { provider, store, gate } = setUp();
  const writing = createGate();
  const slow = {
    ...store,
    set: async (key: string, value: string) => {
      await writing.opened;
      await store.set(key, value);
    },
  };
  const client = createClient({ provider, store: slow, params: { model: "m" } });
  const controller = new AbortController();
  const call = client.infer(user("Hi"), {}, { signal: controller.signal });
  gate.open();
  await vi.waitFor(() => expect(client.stats().tokens.paid.prompt).toBe(9));
  controller.abort();
  await expect(call).rejects.toThrow();
  const joined = client.infer(user("Hi"));
  writing.open();
  expect((await joined).source).toBe("flight");
  expect((await client.infer(user("Hi"))).source).toBe("store");
  expect(provider.calls.length).toBe(1);
});

test("a failure rejects for every waiting caller, and the next call starts over", async () => {
  const { provider, store, gate } = setUp();
  let failing = true;
  const failed = scriptedProvider(async (): Promise<ChatCompletion> => {
    await gate.opened;
    if (failing) throw new ProviderError("overloaded", { provider: "scripted", status: 503, retryable: true });
    return completion("a");
  });
  const client = createClient({ provider: failed, store, params: { model: "m" } });
  const calls = [client.infer(user("Hi")), client.infer(user("Hi"))];
  gate.open();
  for (const call of calls)
    await expect(call).rejects.toMatchObject({ code: "PROVIDER_ERROR", status: 503, retryable: true });
  failing = false;
  expect((await client.infer(user("Hi"))).source).toBe("provider");
  expect(client.stats()).toMatchObject({ misses: 2, joined: 1, hits: 0 });
  expect(provider.calls).toEqual([]);
});

test("timeoutMs ends the wait with a typed error, tells the provider how long is left, and stops it", async () => {
  vi.useFakeTimers();
  try {
    const { store, trace } = setUp();
    let remaining: (() => number) | undefined;
    const stops: unknown[] = [];
    const client = createClient({
      provider: {
        specVersion: 1,
        id: "slow",
        generate(_, { signal, remainingMs }) {
          remaining = remainingMs;
          signal.addEventListener("abort", () => stops.push(signal.reason));
          return new Promise(() => {});
        },
      },
      store,
      params: { model: "m" },
      onEvent: trace.record,
    });
    const patient = client.infer(user("Hi"), {}, { timeoutMs: 5_000 });
    const hasty = client.infer(user("Hi"), {}, { timeoutMs: 1_000 });
    const outcomes = Promise.allSettled([patient, hasty]);
    await vi.advanceTimersByTimeAsync(0);
    expect(remaining?.()).toBe(5_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(hasty).rejects.toMatchObject({
      code: "PROVIDER_TIMEOUT",
      provider: "slow",
      retryable: true,
      message: expect.stringContaining("`timeoutMs` (1000 ms)"),
    });
    expect(stops).toEqual([]);
    expect(remaining?.()).toBe(4_000);
    await vi.advanceTimersByTimeAsync(4_000);
    await outcomes;
    await expect(patient).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
    expect(stops.length).toBe(1);
    expect(trace.types).toEqual(["miss", "provider-error"]);
  } finally {
    vi.useRealTimers();
  }
});

test("one signal for a hundred calls causes no warning", async () => {
  const warnings = vi.spyOn(process, "emitWarning");
  const { client, gate } = setUp();
  const { signal } = new AbortController();
  const calls = Array.from({ length: 100 }, (_, index) =>
    client.infer(user(`${index}`), {}, { signal, timeoutMs: 60_000 }),
  );
  gate.open();
  await Promise.all(calls);
  expect(warnings).not.toHaveBeenCalled();
  warnings.mockRestore();
});
