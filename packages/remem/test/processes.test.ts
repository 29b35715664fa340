import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startChild } from "@remem/test-support/child";
import { connectTo } from "@remem/test-support/database";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { completionsServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { createRemem } from "../src/index.ts";

const hitsOnly = fileURLToPath(new URL("processes/hits-only.mjs", import.meta.url));
const worker = new URL("processes/worker.mjs", import.meta.url);

test("importing remem opens no file, starts no timer and loads no SDK, and hits need neither the SDK nor a key", async () => {
  const cacheDir = join(temporaryDirectory(), "llm_cache");
  const server = await completionsServer();
  onTestFinished(() => server.close());
  const { OPENAI_API_KEY: _, REMEM_STORE: __, ...env } = process.env;
  const run = async () =>
    JSON.parse((await promisify(execFile)(process.execPath, [hitsOnly, cacheDir, server.baseURL], { env })).stdout);

  const unasked = { source: "MISSING_CREDENTIALS", sdk: false };
  const untouched = { sdk: false, sqlite: false, active: [] };
  expect(await run()).toEqual({ made: { ...untouched, files: false }, outcomes: [unasked, unasked] });

  const client = createRemem({ cacheDir, baseURL: server.baseURL, apiKey: "sk-test" });
  await client.infer([{ role: "user", content: "Hi" }]);
  await client.close();
  expect(await run()).toEqual({
    made: { ...untouched, files: true },
    outcomes: [{ source: "store", sdk: false }, unasked],
  });
  expect(server.calls).toBe(1);
});

test.each(["WAL", "DELETE"])(
  "eight processes go on while a ninth locks the file (%s): no answer is lost, and none is paid for twice",
  { timeout: 120_000 },
  async (mode) => {
    const path = temporaryFile();
    const holder = connectTo(path);
    holder.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE theirs (a)`);
    const workers = Array.from({ length: 8 }, (_, index) => startChild(worker, [path, `worker ${index}`, "200"]));
    await Promise.all(workers.map((worker) => worker.says("ready")));

    holder.exec("BEGIN EXCLUSIVE");
    for (const worker of workers) worker.process.send("go");
    await new Promise((resolve) => void setTimeout(resolve, 6_000)); // The length of the lock is what is tested.
    holder.exec("COMMIT");
    // A read is given up after 5 seconds, which eight writers may take as well on a busy machine.
    await Promise.all(workers.map((worker) => worker.says("stored")));
    for (const worker of workers) worker.process.send("go on");
    const reports = await Promise.all(workers.map((worker) => worker.hears((message) => typeof message === "object")));
    // Reads of the locked file fail, and are reported.
    expect(reports).toEqual(workers.map(() => ({ calls: 200, wrong: 0, storeErrors: expect.any(Number) })));
    expect(holder.prepare("SELECT count(*) AS rows FROM remem_entries").get()).toEqual({ rows: 1_600 });
    holder.close();
  },
);
