import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type CacheStore,
  type Client,
  type ClientOptions,
  cacheKey,
  createClient,
  encodeEntry,
  type Flights,
  memoryStore,
  ProviderError,
} from "../../src/index.ts";
import {
  completion,
  createGate,
  createTrace,
  type ScriptedFlights,
  scriptedFlights,
  scriptedProvider,
  user,
} from "../doubles.ts";

const key = cacheKey({ model: "m", messages: user("Hi") });

/** A machine with one backend; each client stands for a process on it, with a store object of its own. */
function machine(provider: ClientOptions["provider"], flights: Flights = scriptedFlights()) {
  const backend = memoryStore();
  const process = (options: Partial<ClientOptions> = {}): { client: Client; store: CacheStore } => {
    const store: CacheStore = { ...backend, flights };
    return { store, client: createClient({ provider, store, params: { model: "m" }, ...options }) };
  };
  return { backend, process, flights: flights as ScriptedFlights };
}

/** A provider that answers when told to, with the number of the call. */
function slowProvider() {
  const gate = createGate();
  const provider = scriptedProvider(async () => {
    const number = provider.calls.length;
    await gate.opened;
    return completion(`answer ${number}`);
  });
  return { gate, provider };
}

test("identical calls in several processes are one call of the provider", async () => {
  const { gate, provider } = slowProvider();
  const { process } = machine(provider);
  const calls = Array.from({ length: 4 }, () => process().client.infer(user("Hi")));
  await vi.waitFor(() => expect(provider.calls.length).toBe(1));
  gate.open();
  const results = await Promise.all(calls);
  expect(results.map(({ source }) => source)).toEqual(["provider", "store", "store", "store"]);
  expect(new Set(results.map(({ response }) => response))).toEqual(new Set(["answer 1"]));
  expect(provider.calls.length).toBe(1);
});

test("a hit acquires no lease, and neither do reload and no-store", async () => {
  const { process, flights } = machine(scriptedProvider());
  const { client } = process();
  await client.infer(user("Hi"));
  expect(flights.entered).toEqual([key]);
  await client.infer(user("Hi"));
  await client.infer(user("Hi"), {}, { cache: "reload" });
  await client.infer(user("Hi"), {}, { cache: "no-store" });
  expect(flights.entered).toEqual([key]);
});

test("a follower finds a stored answer even if it is not notified of the release", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { provider } = slowProvider();
  const never: Flights = {
    enter: async () => undefined,
    changed: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  };
  const { process, backend } = machine(provider, never);
  const trace = createTrace();
  const { client } = process({ onEvent: trace.record });
  const waits = client.infer(user("Hi"));
  await backend.set(key, "somebody else's");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(trace.types.filter((type) => type === "damaged-entry")).toHaveLength(1); // However often it was looked at.
  await backend.set(key, encodeEntry({ key, createdAt: 1, answer: completion("stored") }));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await waits).toMatchObject({ response: "stored", source: "store" });
  expect(provider.calls.length).toBe(0);
});

test("a leader's failure is not shared: the next process tries", async () => {
  let failures = 1;
  const gate = createGate();
  const provider = scriptedProvider(async () => {
    await gate.opened;
    if (failures-- > 0) throw new ProviderError("overloaded", { provider: "scripted", status: 503, retryable: true });
    return completion("second try");
  });
  const { process } = machine(provider);
  const [first, second] = [process().client.infer(user("Hi")), process().client.infer(user("Hi"))];
  gate.open();
  await expect(first).rejects.toMatchObject({ status: 503 });
  expect(await second).toMatchObject({ response: "second try", source: "provider" });
});

test("a leader that has lost its lease answers its own callers and keeps the successor's entry", async () => {
  const { gate, provider } = slowProvider();
  const { process, flights } = machine(provider);
  const stopped = process().client.infer(user("Hi"));
  await vi.waitFor(() => expect(provider.calls.length).toBe(1));
  flights.takeAway(key);
  const successor = createClient({
    provider: scriptedProvider(() => completion("successor")),
    store: process().store,
    params: { model: "m" },
  });
  expect((await successor.infer(user("Hi"))).response).toBe("successor");
  gate.open();
  expect(await stopped).toMatchObject({ response: "answer 1", source: "provider" });
  expect(await process().client.infer(user("Hi"))).toMatchObject({ response: "successor", source: "store" });
});

test("a leader that does not know of its successor keeps the successor's entry", async () => {
  const { gate, provider } = slowProvider();
  const { process, backend } = machine(provider);
  const stopped = process().client.infer(user("Hi"));
  await vi.waitFor(() => expect(provider.calls.length).toBe(1));
  await backend.set(key, "the successor's");
  gate.open();
  expect(await stopped).toMatchObject({ response: "answer 1" });
  expect(await backend.get(key)).toBe("the successor's");
});

test("a leader replaces an entry that it could not read", async () => {
  const warnings = vi.spyOn(globalThis.process, "emitWarning").mockImplementation(() => {});
  const { process, backend } = machine(scriptedProvider(() => completion("whole")));
  await backend.set(key, "unreadable");
  const { client, store } = process();
  store.get = () => Promise.reject(new Error("wrong type"));
  expect((await client.infer(user("Hi"))).source).toBe("provider");
  expect(await process().client.infer(user("Hi"))).toMatchObject({ response: "whole", source: "store" });
  warnings.mockRestore();
});

test("a leader replaces an entry that it found damaged", async () => {
  const { process, backend } = machine(scriptedProvider(() => completion("whole")));
  await backend.set(key, "damaged");
  expect((await process().client.infer(user("Hi"))).source).toBe("provider");
  expect(await process().client.infer(user("Hi"))).toMatchObject({ response: "whole", source: "store" });
});

describe("a follower of another process", () => {
  test("leaves with its caller, without calling the provider", async () => {
    const { provider } = slowProvider();
    const { process } = machine(provider);
    void process().client.infer(user("Hi"));
    await vi.waitFor(() => expect(provider.calls.length).toBe(1));
    const controller = new AbortController();
    const waiting = process().client.infer(user("Hi"), {}, { signal: controller.signal });
    const hasty = process().client.infer(user("Hi"), {}, { timeoutMs: 20 });
    await expect(hasty).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(provider.calls.length).toBe(1);
  });

  test("holds no permit of its batch", async () => {
    const { gate, provider } = slowProvider();
    const { process } = machine(provider);
    void process().client.infer(user("Hi"));
    await vi.waitFor(() => expect(provider.calls.length).toBe(1));
    const quick = scriptedProvider(() => completion("quick"));
    const { client } = process({ provider: quick });
    const batch = client.batchInfer([user("Hi"), user("other")], {}, { concurrency: 1 });
    await vi.waitFor(() => expect(client.stats().stored).toBe(1));
    gate.open();
    expect(await batch).toMatchObject([{ response: "answer 1", source: "store" }, { response: "quick" }]);
  });
});

test("after two leaders without an answer the followers call the provider themselves, concurrently", async () => {
  const gates: Array<ReturnType<typeof createGate>> = [];
  const provider = scriptedProvider(async () => {
    const gate = createGate();
    gates.push(gate);
    await gate.opened;
    throw new ProviderError("no such model", { provider: "scripted", status: 404 });
  });
  const { process } = machine(provider);
  const calls = Array.from({ length: 6 }, () =>
    process()
      .client.infer(user("Hi"))
      .catch((error: unknown) => error),
  );
  for (const leaders of [1, 2]) {
    await vi.waitFor(() => expect(gates.length).toBe(leaders));
    gates.at(-1)?.open();
  }
  await vi.waitFor(() => expect(gates.length).toBe(6));
  for (const gate of gates) gate.open();
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ status: 404 });
});

test("a follower waits at most an hour and a half for a leader that hangs", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  const warnings = vi.spyOn(globalThis.process, "emitWarning").mockImplementation(() => {});
  const changed: Flights["changed"] = (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const { process } = machine(scriptedProvider(), { enter: async () => undefined, changed });
  const call = process().client.infer(user("Hi"));
  await vi.advanceTimersByTimeAsync(90 * 60_000);
  expect((await call).source).toBe("provider");
  expect(warnings.mock.calls[0]?.[0]).toMatch(/did not settle changed within 5400000 ms/);
  warnings.mockRestore();
  vi.useRealTimers();
});

test("a lease is released however often releasing has failed before", async () => {
  const warnings = vi.spyOn(globalThis.process, "emitWarning").mockImplementation(() => {});
  const leave = vi.fn(() => Promise.reject(new Error("not now")));
  const enter = async () => ({ lost: new AbortController().signal, [Symbol.asyncDispose]: leave });
  const { process } = machine(scriptedProvider(), { ...scriptedFlights(), enter });
  const { client } = process();
  for (let call = 0; call < 5; call++) await client.infer(user(`call ${call}`));
  expect(leave).toHaveBeenCalledTimes(5);
  warnings.mockRestore();
});

describe("broken coordination costs a call, an event and one warning, never an answer", () => {
  const broken = () => Promise.reject(new Error("no lock to be had"));
  test.each<[string, Partial<Flights>]>([
    ["enter", { enter: broken }],
    ["changed", { enter: async () => undefined, changed: broken }],
    ["leave", { enter: async () => ({ lost: new AbortController().signal, [Symbol.asyncDispose]: broken }) }],
  ])("%s", async (operation, members) => {
    const warnings = vi.spyOn(globalThis.process, "emitWarning").mockImplementation(() => {});
    const trace = createTrace();
    const { process } = machine(scriptedProvider(), { ...scriptedFlights(), ...members });
    const { client } = process({ onEvent: trace.record, onStoreError: "throw" });
    for (const content of ["a", "b"]) expect((await client.infer(user(content))).source).toBe("provider");
    expect((await client.infer(user("a"))).source).toBe("store");
    expect(trace.events.find(({ type }) => type === "store-error")).toMatchObject({ operation });
    expect(client.stats().storeErrors).toBe(2);
    expect(warnings).toHaveBeenCalledOnce();
    warnings.mockRestore();
  });
});
