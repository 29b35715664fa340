import { expect, test, vi } from "vitest";
import { type Call, chatSurface, createCall, createReadThrough, memoryStore } from "../../src/index.ts";
import type { ChatCompletion, ChatRequest } from "../../src/plugin.ts";
import { completion, createGate, user } from "../doubles.ts";

/** A call whose answer comes in three pieces, each when its gate is opened. */
function setUp() {
  const gates = [createGate(), createGate(), createGate()];
  const stops: unknown[] = [];
  const cache = createReadThrough({ store: memoryStore() });
  const call: Call<ChatRequest, ChatCompletion> = createCall(
    chatSurface,
    { model: "m", messages: user("Hi") },
    {
      provider: "pieces",
      async ask(_, { signal, publish }) {
        signal.addEventListener("abort", () => stops.push(signal.reason));
        for (const [index, gate] of gates.entries()) {
          await gate.opened;
          publish(`piece ${index}`);
        }
        return completion("whole");
      },
    },
  );
  return { gates, stops, cache, call };
}
async function collect(running: AsyncGenerator<unknown, { readonly source: string }>) {
  const pieces: unknown[] = [];
  for (;;) {
    const next = await running.next();
    if (next.done) return { pieces, source: next.value.source };
    pieces.push(next.value);
  }
}
const ALL = ["piece 0", "piece 1", "piece 2"];

test("every follower gets all pieces, whenever it joined and however slowly it reads, and a caller of `get` the whole", async () => {
  const { gates, cache, call } = setUp();
  const slow = cache.follow(call);
  const first = slow.next();
  gates[0]!.open();
  expect(await first).toEqual({ done: false, value: "piece 0" });
  const late = collect(cache.follow(call));
  const whole = cache.get(call);
  for (const gate of gates) gate.open();
  expect(await late).toEqual({ pieces: ALL, source: "flight" });
  expect((await whole).answer.choices[0]?.message.content).toBe("whole");
  expect(await collect(slow)).toEqual({ pieces: ALL.slice(1), source: "provider" });
  expect(await collect(cache.follow(call))).toEqual({ pieces: [], source: "store" });
});

test("a follower that leaves ends nothing for the others, and the last one aborts the call", async () => {
  const { gates, stops, cache, call } = setUp();
  const followers = [cache.follow(call), cache.follow(call)] as const;
  gates[0]!.open();
  await Promise.all(followers.map((follower) => follower.next()));
  await followers[0].return(undefined as never);
  expect(stops).toEqual([]);
  gates[1]!.open();
  expect((await followers[1].next()).value).toBe("piece 1");
  await followers[1].return(undefined as never);
  expect(stops).toHaveLength(1);
});

test("a follower is told of a failure after the pieces that came, and of its own abort at once", async () => {
  const { gates, cache, call } = setUp();
  const failing = {
    ...call,
    ask: async (_: unknown, { publish }: { publish(piece: unknown): void }) => {
      publish("piece 0");
      throw new Error("broken off");
    },
  };
  const running = cache.follow(failing);
  expect((await running.next()).value).toBe("piece 0");
  await expect(running.next()).rejects.toThrow("broken off");

  const controller = new AbortController();
  const waiting = cache.follow(call, { signal: controller.signal });
  const next = waiting.next();
  await vi.waitFor(() => expect(gates).toHaveLength(3));
  controller.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
});
