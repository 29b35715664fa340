import { expect, test, vi } from "vitest";
import { createRunCommand } from "../src/command.ts";
import type { ReconnectingClient } from "../src/reconnecting-client.ts";
import type { AnyClient } from "../src/redis-client.ts";

function double() {
  const drop = vi.fn();
  const client: ReconnectingClient = {
    isLoaded: true,
    failsOver: false,
    nodeOf: () => "",
    async load() {},
    use: (work) => work({} as AnyClient),
    drop,
  };
  return { drop, runCommand: createRunCommand(client, { timeoutMs: 50, where: "here", redact: (text) => text }) };
}
const never = () => new Promise<never>(() => {});

test("a connection that delivers nothing for `timeoutMs` is dropped", async () => {
  const { runCommand, drop } = double();
  await runCommand("get", async () => "answer");
  await expect(runCommand("get", never)).rejects.toThrow("no answer within `timeoutMs` (50 ms)");
  expect(drop).toHaveBeenCalledOnce();
});

test.each([
  ["answered", () => Promise.resolve()],
  ["refused", () => Promise.reject(new Error("no"))],
])("a connection on which another operation was %s meanwhile is kept", async (_, work) => {
  const { runCommand, drop } = double();
  const late = runCommand("get", never);
  await Promise.allSettled([runCommand("get", work)]);
  await expect(late).rejects.toThrow("no answer within");
  expect(drop).not.toHaveBeenCalled();
});
