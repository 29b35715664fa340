// Whole calls, step by step, across store, lease and provider: the order in which things happen.
import { expect, test, vi } from "vitest";
import {
  type CacheStore,
  type Client,
  createClient,
  type Flights,
  type LLMProvider,
  memoryStore,
} from "../../src/index.ts";
import { completion, createGate, scriptedFlights } from "../doubles.ts";

interface Traced {
  readonly client: Client;
  readonly store: CacheStore;
  /** The steps since the last time. */
  steps(): string[];
}

/** A client whose store, leases, provider and events write down what is asked of them. */
function traced(name: string, backend: CacheStore, flights: Flights, generate: LLMProvider["generate"]): Traced {
  const steps: string[] = [];
  async function step<T>(what: string, run: () => Promise<T>, tell: (result: T) => string): Promise<T> {
    try {
      const result = await run();
      steps.push(`${what} → ${tell(result)}`);
      return result;
    } catch (error) {
      steps.push(`${what} → ${(error as Error).message}`);
      throw error;
    }
  }
  const store: CacheStore = {
    ...backend,
    name,
    get: (key) =>
      step(
        "store.get",
        () => backend.get(key),
        (value) => (value === undefined ? "nothing" : "a value"),
      ),
    set: (key, value, options) =>
      step(
        `store.set${options?.ifAbsent ? " if absent" : ""}`,
        () => backend.set(key, value, options),
        () => "stored",
      ),
    flights: {
      enter: (key) =>
        step(
          "lease.enter",
          async () => {
            const lease = await flights.enter(key);
            return (
              lease && {
                lost: lease.lost,
                [Symbol.asyncDispose]: () =>
                  step(
                    "lease.release",
                    async () => lease[Symbol.asyncDispose](),
                    () => "released",
                  ),
              }
            );
          },
          (lease) => (lease === undefined ? "another process leads" : "leader"),
        ),
      changed: (key, options) =>
        step(
          "lease.changed",
          () => flights.changed(key, options),
          (end) => end,
        ),
    },
  };
  const provider: LLMProvider = {
    specVersion: 1,
    id: "provider",
    generate: (request, context) =>
      step(
        "provider.generate",
        () => generate(request, context),
        () => "an answer",
      ),
  };
  const onEvent = ({ type }: { readonly type: string }) => void steps.push(`event: ${type}`);
  const client = createClient({ provider, store, params: { model: "m" }, onEvent });
  return { client, store, steps: () => steps.splice(0) };
}
const answering = async () => completion("an answer");

test("a miss, and then a hit", async () => {
  const { client, steps } = traced("store", memoryStore(), scriptedFlights(), answering);
  await client.infer("Hi");
  expect(steps()).toMatchInlineSnapshot(`
    [
      "store.get → nothing",
      "lease.enter → leader",
      "store.get → nothing",
      "event: miss",
      "provider.generate → an answer",
      "store.set if absent → stored",
      "event: stored",
      "lease.release → released",
    ]
  `);
  await client.infer("Hi");
  expect(steps()).toMatchInlineSnapshot(`
    [
      "store.get → a value",
      "event: hit",
    ]
  `);
});

test("a call that joins an identical one", async () => {
  const gate = createGate();
  const { client, steps } = traced("store", memoryStore(), scriptedFlights(), () => gate.opened.then(answering));
  const calls = [client.infer("Hi"), client.infer("Hi")];
  gate.open();
  await Promise.all(calls);
  expect(steps()).toMatchInlineSnapshot(`
    [
      "store.get → nothing",
      "lease.enter → leader",
      "store.get → nothing",
      "event: miss",
      "provider.generate → an answer",
      "store.set if absent → stored",
      "event: stored",
      "lease.release → released",
      "event: joined",
    ]
  `);
});

test("a leader that loses its lease while it asks, and the process that takes over", async () => {
  const [backend, flights, gate] = [memoryStore(), scriptedFlights(), createGate()];
  const slow = traced("slow", backend, flights, () => gate.opened.then(answering));
  const successor = traced("successor", backend, flights, answering);
  const first = slow.client.infer("Hi");
  await vi.waitFor(() => expect(flights.entered).toHaveLength(1));
  const second = successor.client.infer("Hi");
  await vi.waitFor(() => expect(flights.entered).toHaveLength(2));
  flights.takeAway(flights.entered[0]!);
  await second;
  gate.open();
  await first;
  expect(slow.steps()).toMatchInlineSnapshot(`
    [
      "store.get → nothing",
      "lease.enter → leader",
      "store.get → nothing",
      "event: miss",
      "provider.generate → an answer",
      "store.set if absent → stored",
      "event: stored",
      "lease.release → released",
    ]
  `);
  expect(successor.steps()).toMatchInlineSnapshot(`
    [
      "store.get → nothing",
      "lease.enter → another process leads",
      "lease.changed → unknown",
      "store.get → nothing",
      "lease.enter → leader",
      "store.get → nothing",
      "event: miss",
      "provider.generate → an answer",
      "store.set if absent → stored",
      "event: stored",
      "lease.release → released",
    ]
  `);
});

test("a store that is down", async () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const down = () => Promise.reject(new Error("the store is down"));
  const { client, steps } = traced(
    "store",
    { ...memoryStore(), get: down, set: down },
    { enter: down, changed: down },
    answering,
  );
  await client.infer("Hi");
  expect(steps()).toMatchInlineSnapshot(`
    [
      "store.get → the store is down",
      "event: store-error",
      "lease.enter → the store is down",
      "event: store-error",
      "event: miss",
      "provider.generate → an answer",
      "store.set → the store is down",
      "event: store-error",
    ]
  `);
  warnings.mockRestore();
});
