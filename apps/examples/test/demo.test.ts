import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { completionsServer } from "@remem/testing";
import { expect, test } from "vitest";

const demo = fileURLToPath(new URL("../dist/demo.js", import.meta.url));
const { OPENAI_API_KEY: _, OPENAI_BASE_URL: __, ...inherited } = process.env;

/** Variables of a demo whose files are removed after the test. */
const environment = (): NodeJS.ProcessEnv => ({ ...inherited, TMPDIR: temporaryDirectory() });

test("the demo's second pass makes no provider calls", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo], { env: environment() });
  expect(stdout).toMatch(/^provider calls +48 +0$/m);
  expect(stdout).toMatch(/^hits +0 +60$/m);
  expect(stdout).toContain("The second pass made 0 provider calls and returned the same answers.");
  const [, store = ""] = / view --store sqlite:(\S+)$/m.exec(stdout) ?? [];
  expect(existsSync(store)).toBe(true);
});

test("the demo uses the server that the environment names", async () => {
  const server = await completionsServer();
  const named = { ...environment(), OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "own" };
  await promisify(execFile)(process.execPath, [demo], { env: named });
  expect(server.calls).toBe(48);
  expect(server.requests[0]?.headers.authorization).toBe("Bearer own");
  await server.close();
});
