import { writeFileSync } from "node:fs";
import { collect } from "@remem/test-support/collect";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type MessagesServer, messagesServer } from "@remem/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cachedFetch, messageBatches, type RememBatchesOptions } from "../src/index.ts";

let server: MessagesServer;
const home = process.cwd();
const params = { model: "claude-haiku-4-5", max_tokens: 50, messages: [{ role: "user", content: "Name a river." }] };

beforeEach(async () => {
  process.chdir(temporaryDirectory());
  server = await messagesServer();
  vi.stubEnv("REMEM_STORE", "");
  vi.stubEnv("REMEM_JOURNAL", "");
  vi.stubEnv("ANTHROPIC_BASE_URL", server.baseURL);
  vi.stubEnv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789");
});
afterEach(async () => {
  process.chdir(home);
  vi.unstubAllEnvs();
  await server.close();
});

async function sources(options?: RememBatchesOptions): Promise<unknown[]> {
  await using batches = messageBatches(options);
  const job = await batches.deferred([params]);
  const results = await collect(job.results({ pollMs: 1 }));
  await job.forget(); // It would be the same job again, whose answers were not stored when it began.
  return results.map((result) => (result.error ? result.error.code : result.source));
}

test("the variables name server and key, and cachedFetch has the same file by default", async () => {
  expect(await sources()).toEqual(["provider"]);
  expect(await sources()).toEqual(["store"]);
  await using fetch = cachedFetch();
  const headers = { "x-api-key": "k", "anthropic-version": "2023-06-01" };
  await fetch(`${server.baseURL}/v1/messages`, { method: "POST", headers, body: JSON.stringify(params) });
  expect(server.requests).toEqual([]);
  expect(server.batches.created).toMatchObject([{ "x-api-key": "sk-ant-test-0123456789" }]);
});

test("the configuration file names the store", async () => {
  writeFileSync("remem.config.json", JSON.stringify({ store: "sqlite:own.sqlite" }));
  expect(await sources()).toEqual(["provider"]);
  expect(await sources({ config: false, store: "sqlite:own.sqlite" })).toEqual(["store"]);
});

test("without a key nothing is sent", async () => {
  vi.stubEnv("ANTHROPIC_API_KEY", "");
  await expect(sources()).rejects.toMatchObject({ code: "MISSING_CREDENTIALS" });
  expect(server.batches.received.list).toBe(0);
  expect(await sources({ headers: { authorization: "Bearer token" } })).toEqual(["provider"]);
});
