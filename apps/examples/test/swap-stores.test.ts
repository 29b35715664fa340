import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { run } from "./run.ts";

const program = fileURLToPath(new URL("../dist/swap-stores.js", import.meta.url));
let server: CompletionsServer;
let redis: RedisServer;
let directory: string;

beforeAll(async () => {
  server = await completionsServer(); // It answers identical requests identically.
  if (canStartRedis) redis = await startRedis();
});
afterAll(async () => {
  await server.close();
  await redis?.stop();
});
beforeEach(() => {
  directory = temporaryDirectory();
});

async function play(file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const asked = { OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "sk-test", ...env };
  const { status, out, err } = await run(process.execPath, [file], { cwd: directory, env: asked });
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out;
}

/** The output of both passes over a new store, which pay for two calls together. */
const expected = /^first pass, (2) calls paid for so far: (.*)\nsecond pass, \1 calls paid for so far: \2\n$/;

describe("one program text runs", () => {
  const urls = {
    "memory:": () => "memory:",
    "sqlite:": () => `sqlite:${directory}/answers.sqlite`,
    "redis:": () => redis.url,
  };
  for (const [scheme, url] of Object.entries(urls)) {
    test.skipIf(scheme === "redis:" && !canStartRedis)(`over ${scheme}, by REMEM_STORE alone`, async () => {
      const env = { REMEM_STORE: url() };
      const first = await play(program, env);
      expect(first).toMatch(expected);
      const again = await play(program, env);
      // Answers that outlive the process are not paid for in the next one.
      expect(again).toBe(scheme === "memory:" ? first : first.replaceAll("2 calls", "0 calls"));
    });
  }

  test("over a Keyv, by changing the line that opens the store", async () => {
    const text = readFileSync(program, "utf8");
    const variant = text.replace(/^const store = .*$/m, "const store = keyvStore(new Keyv());");
    expect(variant).not.toBe(text);
    // Next to the program, so that package names resolve.
    const file = fileURLToPath(new URL(`../dist/swap-stores-${process.pid}.js`, import.meta.url));
    const imports = 'import { keyvStore } from "@remem/keyv";\nimport { Keyv } from "keyv";\n';
    writeFileSync(file, imports + variant);
    onTestFinished(() => rmSync(file));
    expect(await play(file)).toMatch(expected);
  });
});
