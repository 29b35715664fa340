import { expect, test, vi } from "vitest";
import { askOver } from "../src/ask.ts";
import type { Adapter, Connection } from "../src/connection.ts";

function double() {
  const drop = vi.fn();
  const connection: Connection = { use: (_, work) => work({} as Adapter), drop };
  return { drop, ask: askOver(connection, 50) };
}
const never = () => new Promise<never>(() => {});

test("a connection on which nothing comes for as long as an operation may take is given up", async () => {
  const { ask, drop } = double();
  await ask(async () => "answer");
  await expect(ask(never)).rejects.toThrow("no answer within `timeoutMs` (50 ms)");
  expect(drop).toHaveBeenCalledOnce();
});

test.each([
  ["answered", () => Promise.resolve()],
  ["refused", () => Promise.reject(new Error("no"))],
])("one on which something else was %s meanwhile is kept", async (_, work) => {
  const { ask, drop } = double();
  const late = ask(never);
  await Promise.allSettled([ask(work)]);
  await expect(late).rejects.toThrow("no answer within");
  expect(drop).not.toHaveBeenCalled();
});
