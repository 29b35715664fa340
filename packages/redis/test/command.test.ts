import { expect, test, vi } from "vitest";
import { attemptOver } from "../src/command.ts";
import type { Connection } from "../src/reconnecting-client.ts";
import type { AnyClient } from "../src/redis-client.ts";

function double() {
  const drop = vi.fn();
  const connection: Connection = {
    isLoaded: true,
    failsOver: false,
    nodeOf: () => "",
    async load() {},
    use: (work) => work({} as AnyClient),
    drop,
  };
  return { drop, attempt: attemptOver(connection, { timeoutMs: 50, where: "here", redact: (text) => text }) };
}
const never = () => new Promise<never>(() => {});

test("a connection on which nothing comes for as long as an operation may take is given up", async () => {
  const { attempt, drop } = double();
  await attempt("get", async () => "answer");
  await expect(attempt("get", never)).rejects.toThrow("no answer within `timeoutMs` (50 ms)");
  expect(drop).toHaveBeenCalledOnce();
});

test.each([
  ["answered", () => Promise.resolve()],
  ["refused", () => Promise.reject(new Error("no"))],
])("one on which something else was %s meanwhile is kept", async (_, work) => {
  const { attempt, drop } = double();
  const late = attempt("get", never);
  await Promise.allSettled([attempt("get", work)]);
  await expect(late).rejects.toThrow("no answer within");
  expect(drop).not.toHaveBeenCalled();
});
