import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { completionsServer } from "@remem/testing";
import { expect, test } from "vitest";

const demo = fileURLToPath(new URL("../dist/demo.js", import.meta.url));
const { OPENAI_API_KEY: _, OPENAI_BASE_URL: __, ...env } = process.env;

test("the demo's second pass makes no provider calls", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo], { env });
  expect(stdout).toMatch(/^provider calls +48 +0$/m);
  expect(stdout).toMatch(/^hits +0 +60$/m);
  expect(stdout).toContain("The second pass made 0 provider calls and returned the same answers.");
});

test("the demo uses the server that the environment names", async () => {
  const server = await completionsServer();
  const named = { ...env, OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "own" };
  await promisify(execFile)(process.execPath, [demo], { env: named });
  expect(server.calls).toBe(48);
  expect(server.requests[0]?.headers.authorization).toBe("Bearer own");
  await server.close();
});
