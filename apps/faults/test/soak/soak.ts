// Several processes ask over one store while they are killed and stopped at random: `node test/soak/soak.ts --kills 1000`, with
// `--store redis` over Redis. Prints its counts, and fails if a promise was broken.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startRedis } from "@remem/test-support/redis/redis-server";
import { completionsServer } from "@remem/testing";
import { type ChatRequest, cacheKey, createRemem } from "remem";
import { luck } from "../seed.ts";
import { type Answer, createLedger } from "./ledger.ts";

const { values: flags } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    store: { type: "string", default: "sqlite" },
    workers: { type: "string", default: "6" },
    seed: { type: "string" },
  },
});
const kills = Number(flags.kills);
const dice = luck(flags.seed === undefined ? undefined : Number(flags.seed));
console.error(`--seed ${dice.seed}`);

const PROVIDER_MS = 40;
const LANES = 4;
const LONGEST_STOP_MS = 700;
/** Other hosts cannot see a process die, so over Redis its lease has to expire. */
const LEASE_MS = flags.store === "redis" ? 15_000 : 0;
/** Includes the lease of a leader that was killed before this process saw its call. */
const LONGEST_WAIT_MS = 5_000 + LEASE_MS;

interface Worker {
  readonly name: string;
  readonly process: ChildProcess;
  readonly end: Promise<unknown>;
  isStopped: boolean;
}

const directory = mkdtempSync(join(tmpdir(), "remem-soak-"));
const path = join(directory, "cache.sqlite");
const redis = flags.store === "redis" ? await startRedis() : undefined;
const store = redis?.url ?? `sqlite:${path}`;
const server = await completionsServer({ latencyMs: PROVIDER_MS });
const ledger = createLedger(LEASE_MS);
const problems: string[] = [];
const workers: Worker[] = [];
let started = 0;
let round = 0;
let seen = 0;
let mostLocks = 0;

/** Records the calls that have reached the provider since. */
function readCalls(): void {
  for (; seen < server.requests.length; seen++) {
    const { headers, body } = server.requests[seen]!;
    ledger.called(String(headers.authorization).replace("Bearer ", ""), cacheKey(body as unknown as ChatRequest));
  }
}

function start(): Worker {
  const name = `worker-${++started}`;
  const script = fileURLToPath(new URL("asker.mjs", import.meta.url));
  const child = fork(script, [store, server.baseURL, name, String(dice.pick(2 ** 31))], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => problems.push(`${name} wrote: ${text}`));
  child.on(
    "message",
    (message: { stored?: string; answer?: Answer; storeError?: string; damaged?: string; ready?: true }) => {
      readCalls();
      if (message.ready) child.send({ newest: newest() });
      if (message.stored) ledger.stored(name, message.stored);
      if (message.answer) ledger.answered(name, message.answer);
      if (message.storeError) problems.push(`${name} had a store error: ${message.storeError}`);
      if (message.damaged) problems.push(`${name} found a damaged entry: ${message.damaged}`);
    },
  );
  const worker = { name, process: child, end: once(child, "close"), isStopped: false };
  workers.push(worker);
  return worker;
}

/** The number from which questions are new. */
const newest = (): number => 4 * round;
const now = (): number => performance.timeOrigin + performance.now();

async function stop(worker: Worker): Promise<void> {
  worker.isStopped = true;
  worker.process.kill("SIGSTOP");
  const from = now();
  await pause(dice.roll() * LONGEST_STOP_MS);
  worker.process.kill("SIGCONT");
  ledger.stopped(worker.name, from, now());
  worker.isStopped = false;
}

async function kill(worker: Worker): Promise<void> {
  worker.process.kill("SIGKILL");
  await worker.end;
  readCalls();
  ledger.killed(worker.name, now());
  workers.splice(workers.indexOf(worker), 1);
}

const locks = (): string[] =>
  redis === undefined ? readdirSync(join(directory, "cache.locks")).filter((name) => /^[0-9a-f]{64}$/.test(name)) : [];

const stops = new Set<Promise<void>>();
await Promise.all(Array.from({ length: Number(flags.workers) }, () => once(start().process, "message")));
for (round = 1; round <= kills; round++) {
  for (const { process: child } of workers) if (child.connected) child.send({ newest: newest() });
  await pause(dice.roll() * 60);
  readCalls();
  if (dice.roll() < 0.2) {
    const victim = dice.oneOf(workers);
    if (!victim.isStopped) {
      const stopped = stop(victim);
      stops.add(stopped);
      void stopped.then(() => stops.delete(stopped));
    }
  }
  const leaders = workers.filter(({ name }) => ledger.leads(name));
  await kill(dice.oneOf(leaders.length > 0 && dice.roll() < 0.7 ? leaders : workers));
  mostLocks = Math.max(mostLocks, locks().length);
  await once(start().process, "message");
  if (round % 100 === 0) console.error(`${round} kills, ${server.calls} calls`);
}
await Promise.all(stops);
for (const { process: child } of workers) child.send({ stop: true });
for (const { name, end } of workers) {
  const [code, signal] = (await end) as [number | null, NodeJS.Signals | null];
  if (code !== 0) problems.push(`${name} ended with ${code ?? signal}`);
}
readCalls();

const { acknowledged, responses, longestWaitMs, ...counted } = ledger.read();
const contents = [...responses.keys()].map((content) => [{ role: "user", content }] as const);
const client = createRemem({ store, baseURL: server.baseURL, apiKey: "sk-test" });
// Without a scope in the key, like the askers.
const provider = { specVersion: 1, id: "none", generate: () => Promise.reject(new Error("asked")) } as const;
const stored = createRemem({ store, provider, cache: "only-if-cached" });
const truths = await client.batchInfer(contents, {}, { cache: "no-store", concurrency: 50 });
const found = await stored.batchInfer(contents);
let wrong = 0;
let lost = 0;
for (const [index, truth] of truths.entries()) {
  const right = truth.error ? undefined : truth.response;
  const entry = found[index]!;
  const given = [...responses.get(contents[index]![0].content)!, ...(entry.error ? [] : [entry.response])];
  wrong += given.filter((response) => response !== right).length;
  if (entry.error && entry.key !== undefined && acknowledged.has(entry.key)) lost += 1;
}
await Promise.all([client.close(), stored.close(), server.close()]);

const left = locks().length;
const integrity = redis === undefined ? integrityOf(path) : "ok";
await redis?.stop();
rmSync(directory, { recursive: true });

const longestWaitBeyondMs = Math.round(longestWaitMs - PROVIDER_MS);
expect("calls that no kill explains", counted.unexcusedCalls === 0);
expect("wrong answers", wrong === 0);
expect("acknowledged entries were lost", lost === 0);
expect("a caller waited too long", longestWaitBeyondMs <= LONGEST_WAIT_MS);
expect("too many locks", Math.max(left, mostLocks) <= (Number(flags.workers) + kills) * LANES);
expect("the file is damaged", integrity === "ok");
const report = {
  seed: dice.seed,
  kills,
  ...counted,
  acknowledged: acknowledged.size,
  wrong,
  lost,
  longestWaitBeyondMs,
  mostLocks,
  left,
  integrity,
};
console.log(JSON.stringify({ ...report, problems }));
process.exitCode = problems.length === 0 ? 0 : 1;

function expect(problem: string, holds: boolean): void {
  if (!holds) problems.push(problem);
}

function integrityOf(path: string): unknown {
  const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");
  const database = new DatabaseSync(path);
  const row = database.prepare("PRAGMA integrity_check").get();
  database.close();
  return row?.integrity_check;
}
