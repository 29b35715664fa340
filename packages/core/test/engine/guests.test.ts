// Callers of one client that have joined a call of another one, over the same store.
import { expect, onTestFinished, test } from "vitest";
import { createClient, memoryStore, ProviderError, RememError } from "../../src/index.ts";
import { completion, createGate, scriptedProvider, serverChunks, streamingProvider } from "../doubles.ts";

const QUESTION = "Name a river.";
const PARAMS = { model: "m" };
const WRONG_KEY = new ProviderError("The key is wrong.", { provider: "scripted", status: 401 });

/** Two clients over one store, the first of which has a provider that fails once its gate is opened. */
function setUp(failure: Error = WRONG_KEY) {
  const store = memoryStore();
  const gate = createGate();
  const failing = scriptedProvider(async () => {
    await gate.opened;
    throw failure;
  });
  const working = streamingProvider(() => serverChunks(completion("The Vistula.")));
  const host = createClient({ provider: failing, store, params: PARAMS });
  const guest = createClient({ provider: working, store, params: PARAMS });
  onTestFinished(async () => {
    await host.close();
    await guest.close();
  });
  return { host, guest, gate, failing, working };
}

test.each([
  ["a key that the server refuses", WRONG_KEY],
  ["a budget that is used up", new RememError("BUDGET_EXCEEDED", "The budget is used up.")],
  ["an error that it would retry", new ProviderError("Overloaded.", { provider: "scripted", retryable: true })],
])("a caller who has joined another client's call asks by itself where that fails of %s", async (_, failure) => {
  const { host, guest, gate, failing, working } = setUp(failure);
  const first = host.infer(QUESTION);
  const refused = expect(first).rejects.toMatchObject({ message: failure.message });
  const joined = guest.infer(QUESTION);
  gate.open();
  await refused;
  expect(await joined).toMatchObject({ response: "The Vistula.", source: "provider" });
  expect([failing.calls.length, working.calls.length]).toEqual([1, 1]);
  expect(guest.stats()).toMatchObject({ hits: 0, joined: 0, misses: 1 });
});

test("so do callers of streams, which get all chunks of the second call", async () => {
  const { host, guest, gate, working } = setUp();
  const refused = expect(host.infer(QUESTION)).rejects.toThrow("The key is wrong.");
  const stream = guest.stream(QUESTION);
  const other = guest.stream(QUESTION);
  const read = async ({ chunks }: { chunks: AsyncIterable<object> }): Promise<object[]> => {
    const all: object[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return all;
  };
  const reading = [stream, other].map((one) => read({ chunks: one }));
  gate.open();
  await refused;
  const [first, second] = await Promise.all(reading);
  expect(first!.length).toBeGreaterThan(1);
  expect(second).toEqual(first);
  expect(working.calls).toHaveLength(1);
});

test("callers of the client that has asked share its failure", async () => {
  const { host, gate, failing } = setUp();
  const calls = [host.infer(QUESTION), host.infer(QUESTION)];
  const refused = calls.map((call) => expect(call).rejects.toThrow("The key is wrong."));
  gate.open();
  await Promise.all(refused);
  expect(failing.calls).toHaveLength(1);
});

test("a caller who leaves while it waits for another client's call asks nothing", async () => {
  const { host, guest, gate, working } = setUp();
  const refused = expect(host.infer(QUESTION)).rejects.toThrow("The key is wrong.");
  const controller = new AbortController();
  const left = expect(guest.infer(QUESTION, {}, { signal: controller.signal })).rejects.toThrow("I leave.");
  controller.abort(new Error("I leave."));
  await left;
  gate.open();
  await refused;
  expect(working.calls).toHaveLength(0);
});
