// node stress.mjs [rounds]: in each round eight processes concurrently find the lock of a dead one, and each leads
// once. Half of them enter normally, the others pause before each operation, so that any two can meet. Reports how
// often two led at the same time. Requires the built package.
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { fileFlights } from "@remem/sqlite/flights";
import { lockFiles } from "../../src/locks/lock-files.ts";
import { remove, tryAcquire } from "../../src/locks/lock-protocol.ts";
import { createIsDead } from "../../src/locks/process-liveness.ts";
import { makeToken, parseToken } from "../../src/locks/token.ts";

const PROCESSES = 8;

if (process.send === undefined) await direct(Number(process.argv[2] ?? 100));
else work(process.argv[2], process.argv[3] === "slow");

async function direct(rounds) {
  const directory = mkdtempSync(join(tmpdir(), "remem-stress-"));
  const locks = join(directory, "locks");
  const workers = Array.from({ length: PROCESSES }, (_, index) => start(directory, index % 2 === 0 ? "slow" : "fast"));
  try {
    const deadToken = await tokenOfTheDead(start(directory, "fast"), locks);
    const startedAt = performance.now();
    let overlaps = 0;
    for (let round = 0; round < rounds; round++) {
      const key = `round ${round}`;
      mkdirSync(join(locks, lockOf(key)));
      writeFileSync(join(locks, lockOf(key), deadToken), "");
      for (const count of await Promise.all(workers.map((worker) => ask(worker, key)))) overlaps += count;
    }
    const ms = Math.round(performance.now() - startedAt);
    console.log(
      JSON.stringify({ rounds, overlaps, left: readdirSync(locks).filter((name) => !name.startsWith(".")).length, ms }),
    );
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  }
}

function start(directory, pace) {
  const worker = fork(fileURLToPath(import.meta.url), [directory, pace], { execArgv: [] });
  worker.on("exit", (code) => code && process.exit(code));
  return worker;
}

async function ask(worker, key) {
  worker.send(key);
  const [overlaps] = await once(worker, "message");
  return overlaps;
}

async function tokenOfTheDead(victim, locks) {
  const key = "die leading";
  victim.send(key);
  await once(victim, "exit");
  const [token] = readdirSync(join(locks, lockOf(key)));
  rmSync(join(locks, lockOf(key)), { recursive: true });
  return token;
}

function work(directory, isSlow) {
  const locks = join(directory, "locks");
  const inside = join(directory, "inside");
  const flights = isSlow ? slowFlights(locks) : fileFlights(locks);
  async function lead(key) {
    while (true) {
      const lease = await flights.enter(key);
      if (lease !== undefined) return lease;
      await nextTurn();
    }
  }
  process.on("message", async (key) => {
    const lease = await lead(key);
    if (key === "die leading") process.kill(process.pid, "SIGKILL");
    let overlaps = 0;
    try {
      closeSync(openSync(inside, "wx"));
      await sleep(Math.random() * 5);
      unlinkSync(inside);
    } catch {
      overlaps++;
    }
    await lease[Symbol.asyncDispose]();
    process.send(overlaps);
  });
}

function slowFlights(directory) {
  const files = lockFiles(directory);
  async function run(steps) {
    let turn = steps.next();
    while (!turn.done) {
      await sleep(Math.random() * 3);
      turn = steps.next(turn.value(files));
    }
    return turn.value;
  }
  const isDead = createIsDead(files.isLifeLocked);
  return {
    async enter(key) {
      const lock = lockOf(key);
      const mine = makeToken();
      if (!(await run(tryAcquire(lock, mine, (holder) => isDead(parseToken(holder)))))) return undefined;
      return { [Symbol.asyncDispose]: () => run(remove(lock, mine)) };
    },
  };
}

function lockOf(key) {
  return createHash("sha256").update(key).digest("hex");
}
