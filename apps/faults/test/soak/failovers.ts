// Several processes ask through a Redis Cluster of six, or a master with Sentinels, while masters are killed at random and
// restarted: `node test/soak/failovers.ts --seconds 300`. Prints its counts, and fails if a promise was broken.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startCluster } from "@remem/test-support/redis/cluster";
import { startSentinels } from "@remem/test-support/redis/sentinel";
import { completionsServer } from "@remem/testing";
import { type ChatRequest, cacheKey, createRemem } from "remem";
import { luck } from "../seed.ts";
import type { Answer } from "./ledger.ts";

const { values: flags } = parseArgs({
  options: {
    store: { type: "string", default: "cluster" },
    seconds: { type: "string", default: "300" },
    /** The longest wait beyond the provider's time, in milliseconds. */
    patience: { type: "string" },
    workers: { type: "string", default: "4" },
    seed: { type: "string" },
  },
});
const dice = luck(flags.seed === undefined ? undefined : Number(flags.seed));
console.error(`--seed ${dice.seed}`);

const PROVIDER_MS = 40;
/** A Sentinel client needs up to 3.5 s after the failover itself, which cannot be sped up. */
const longestWaitMs = Number(flags.patience ?? (flags.store === "sentinel" ? 10_000 : 5_000));
const now = (): number => performance.timeOrigin + performance.now();
const endsAt = now() + Number(flags.seconds) * 1_000;

const sentinels = flags.store === "sentinel" ? await startSentinels() : undefined;
const servers = sentinels ?? (await startCluster({ replicas: true }));
const ports = (sentinels?.sentinels ?? servers.nodes).map(({ port }) => port);
const store = `${sentinels ? "sentinel" : "cluster"}:${ports}`;
const server = await completionsServer({ latencyMs: PROVIDER_MS });
const kills: number[] = [];
/** How long it took until another server replaced the killed one. */
const failovers: number[] = [];
const callsOf = new Map<string, number[]>();
const answers: Answer[] = [];
const problems: string[] = [];
let storeErrors = 0;
let seen = 0;
let newest = 0;

function readCalls(): void {
  for (; seen < server.requests.length; seen++) {
    const key = cacheKey(server.requests[seen]!.body as unknown as ChatRequest);
    callsOf.set(key, [...(callsOf.get(key) ?? []), now()]);
  }
}

function start(index: number): ChildProcess {
  const script = fileURLToPath(new URL("asker.mjs", import.meta.url));
  const child = fork(script, [store, server.baseURL, `worker-${index}`, String(dice.pick(2 ** 31))], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    if (!text.includes("REMEM_STORE_FAILING") && !text.includes("node --trace-warnings"))
      problems.push(`a worker wrote: ${text}`);
  });
  child.on("message", (message: { answer?: Answer; storeError?: string; damaged?: string }) => {
    if (message.answer) answers.push(message.answer);
    if (message.storeError) storeErrors += 1;
    if (message.damaged) problems.push(`a worker found a damaged entry: ${message.damaged}`);
  });
  return child;
}

const workers = Array.from({ length: Number(flags.workers) }, (_, index) => start(index));
await Promise.all(workers.map((worker) => once(worker, "message")));
const clock = setInterval(() => {
  newest += 1;
  readCalls();
  for (const worker of workers) if (worker.connected) worker.send({ newest });
}, 100);

const masters = (await servers.masters()).length;
while (now() < endsAt) {
  await pause(500 + dice.roll() * 2_000);
  const victim = dice.oneOf(await servers.masters());
  const killedAt = now();
  kills.push(killedAt);
  await victim.stop();
  while ((await servers.masters()).length < masters) await pause(20);
  failovers.push(now() - killedAt);
  await pause(dice.roll() * 3_000);
  await victim.start();
  await servers.healed();
}
await pause(1_000);
clearInterval(clock);
for (const worker of workers) worker.send({ stop: true });
for (const [code, signal] of await Promise.all(workers.map((worker) => once(worker, "close")))) {
  if (code !== 0) problems.push(`a worker ended with ${code ?? signal}`);
}
readCalls();

/** Calls beyond the first of a key, and beyond one for each kill until then. */
let unexcused = 0;
let extra = 0;
const LATE_MS = 5_000;
for (const calls of callsOf.values()) {
  extra += calls.length - 1;
  const excuses = kills.filter((at) => at <= calls.at(-1)! && at >= calls[0]! - LATE_MS).length;
  unexcused += Math.max(0, calls.length - 1 - excuses);
}
const client = createRemem({ store: "memory:", baseURL: server.baseURL, apiKey: "sk-test" });
const contents = [...new Set(answers.map(({ content }) => content))];
const truths = await client.batchInfer(
  contents.map((content) => [{ role: "user", content }]),
  {},
  { concurrency: 50 },
);
const right = new Map(contents.map((content, index) => [content, (truths[index] as { response?: string }).response]));
const wrong = answers.filter(({ content, response }) => response !== right.get(content)).length;
await Promise.all([client.close(), server.close(), servers.stop()]);

const longest = (all: readonly number[]): number => Math.round(all.reduce((most, one) => Math.max(most, one), 0));
const longestWaitBeyondMs = longest(answers.map(({ from, to }) => to - from - PROVIDER_MS));
const longestFailoverMs = longest(failovers);
if (wrong > 0) problems.push("wrong answers");
if (unexcused > 0) problems.push("calls that no kill explains");
if (longestWaitBeyondMs > longestWaitMs) problems.push("a caller waited too long");
const counts = {
  kills: kills.length,
  answers: answers.length,
  keys: callsOf.size,
  extra,
  unexcused,
  wrong,
  storeErrors,
};
console.log(JSON.stringify({ seed: dice.seed, ...counts, longestFailoverMs, longestWaitBeyondMs, problems }));
process.exitCode = problems.length === 0 ? 0 : 1;
