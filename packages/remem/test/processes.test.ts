import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { completionsServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { createRemem } from "../src/index.ts";

// Vite does not know this module, so it cannot be imported.
const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

const script = (name: string) => fileURLToPath(new URL(`processes/${name}.mjs`, import.meta.url));

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "remem-processes-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("importing remem opens no file, starts no timer and loads no SDK, and hits need neither the SDK nor a key", async () => {
  const cacheDir = join(temporaryDirectory(), "llm_cache");
  const server = await completionsServer();
  onTestFinished(() => server.close());
  const { OPENAI_API_KEY: _, REMEM_STORE: __, ...env } = process.env;
  const run = async () =>
    JSON.parse(
      (await promisify(execFile)(process.execPath, [script("hits-only"), cacheDir, server.baseURL], { env })).stdout,
    );

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
  "eight processes wait while a ninth locks the file (%s): no answer is lost, and none is paid for twice",
  { timeout: 120_000 },
  async (mode) => {
    const path = join(temporaryDirectory(), "cache.sqlite");
    const holder = new DatabaseSync(path);
    holder.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE theirs (a)`);
    const workers = Array.from({ length: 8 }, (_, index) =>
      fork(script("worker"), [path, `worker ${index}`, "200"], { execArgv: [] }),
    );
    for (const worker of workers) onTestFinished(() => void worker.kill("SIGKILL"));
    await Promise.all(workers.map((worker) => once(worker, "message")));

    holder.exec("BEGIN EXCLUSIVE");
    const reports = Promise.all(workers.map((worker) => once(worker, "message")));
    for (const worker of workers) worker.send("go");
    await new Promise((resolve) => void setTimeout(resolve, 6_000)); // The length of the lock is what is tested.
    holder.exec("COMMIT");
    expect((await reports).map(([report]) => report)).toEqual(
      workers.map(() => ({ calls: 200, wrong: 0, storeErrors: 0 })),
    );
    expect(holder.prepare("SELECT count(*) AS rows FROM remem_entries").get()).toEqual({ rows: 1_600 });
    holder.close();
  },
);
