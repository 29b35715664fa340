import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { sqliteStore } from "../src/index.ts";
import { collect, connectTo, temporaryDirectory, temporaryFile } from "./temporary.ts";

interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first message for which `wanted` is true; rejects where the process ends before it. */
  message(wanted: (message: unknown) => boolean): Promise<unknown>;
  readonly messages: readonly unknown[];
  /** What the process left behind at its end. */
  readonly end: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Runs a file of `processes/` against the built package. */
function start(script: string, ...args: string[]): Child {
  const file = fileURLToPath(new URL(`processes/${script}.mjs`, import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(file, args, { execArgv: [], env, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const messages: unknown[] = [];
  child.on("message", (message) => void messages.push(message));
  const end = once(child, "close").then(([code]) => ({ code: code as number | null, stderr }));
  return {
    process: child,
    messages,
    end,
    message: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = messages.find(wanted);
          if (found !== undefined) resolve(found);
        };
        child.on("message", look);
        void end.then(({ code, stderr }) => reject(new Error(`${script} ended with ${code}: ${stderr}`)));
        look();
      }),
  };
}

async function startWriters(path: string, processes: number, count: number): Promise<Child[]> {
  const writers = Array.from({ length: processes }, (_, index) =>
    start("writer", path, `writer ${index}`, String(count)),
  );
  await Promise.all(writers.map((writer) => writer.message((message) => message === "ready")));
  return writers;
}

async function finish(children: readonly Child[]): Promise<void> {
  for (const { end } of children) expect(await end).toEqual({ code: 0, stderr: "" });
}

async function keysIn(path: string): Promise<Set<string>> {
  const store = sqliteStore({ path });
  try {
    return new Set((await collect(store.entries!())).map(([key]) => key));
  } finally {
    await store.close();
  }
}

function expectIntact(path: string): void {
  expect(connectTo(path).prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
}

test("twelve processes that open a new cache at once all write, and nothing is lost", async () => {
  const path = join(temporaryDirectory(), "new", "cache.sqlite");
  const writers = await startWriters(path, 12, 20);
  expect(existsSync(path)).toBe(false);
  for (const writer of writers) writer.process.send("go");
  await finish(writers);
  expect((await keysIn(path)).size).toBe(12 * 20);
  expectIntact(path);
  expect(connectTo(path).prepare("PRAGMA page_size").get()).toEqual({ page_size: 16384 });
}, 60_000);

test.each([
  { mode: "WAL", count: 200 },
  { mode: "DELETE", count: 200 },
])(
  "eight processes wait for a ninth that locks the file ($mode), and then lose nothing",
  async ({ mode, count }) => {
    const path = temporaryFile();
    const database = connectTo(path);
    database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE theirs (a)`);
    database.close();
    const writers = await startWriters(path, 8, count);
    const holder = start("holder", path, "6000");
    await holder.message((message) => message === "locked");
    for (const writer of writers) writer.process.send("go");
    expect((await holder.end).code).toBe(0);
    await finish(writers);
    expect((await keysIn(path)).size).toBe(8 * count);
    expectIntact(path);
  },
  120_000,
);

test("what a killed process was told is kept, is kept", async () => {
  const path = temporaryFile();
  const [victim, other] = await startWriters(path, 2, 100_000);
  for (const writer of [victim!, other!]) writer.process.send("go");
  await victim!.message((message) => (message as { kept?: string }).kept === "writer 0 100");
  victim!.process.kill("SIGKILL");
  await victim!.end;
  // The other one goes on over it.
  const soFar = other!.messages.length;
  await other!.message(() => other!.messages.length > soFar + 50);
  other!.process.kill("SIGKILL");
  await other!.end;

  const keys = await keysIn(path);
  const told = [...victim!.messages, ...other!.messages].flatMap(
    (message) => (message as { kept?: string }).kept ?? [],
  );
  expect(told.length).toBeGreaterThan(150);
  expect(told.filter((key) => !keys.has(key))).toEqual([]);
  expectIntact(path);
}, 60_000);

test("a store that is made and not used loads no SQLite, makes nothing and starts no timer, and an open one lets the process end", async () => {
  const child = start("idle", join(temporaryDirectory(), "new", "cache.sqlite"));
  expect(await child.message(() => true)).toEqual({
    made: { sqliteLoaded: false, directoryMade: false, timers: 0 },
    used: { sqliteLoaded: true, directoryMade: true, timers: 0 },
  });
  await finish([child]);
}, 30_000);
