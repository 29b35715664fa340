import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@remem/test-support/temporary";
import type { BatchPlan, CompletionsServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../client.ts";
import { integrityOf } from "../database.ts";
import { type Luck, luck } from "../seed.ts";

const KILLS = 100;
const LINES = 120;
/** The most kills before a run may end by itself. */
const KILLS_A_ROUND = 12;
/** How much later each process begins by its clock: a batch whose creation broke off is created again after 20 s. */
const LATER_MS = 21_000;

const bin = fileURLToPath(new URL("../../../cli/bin/remem.js", import.meta.url));
const later = new URL("later.mjs", import.meta.url).href;

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly err: string }>;
}

interface Place {
  readonly directory: string;
  readonly server: CompletionsServer;
  run(args: readonly string[]): Run;
}

async function place(): Promise<Place> {
  const directory = temporaryDirectory();
  const server = await startServer();
  let started = 0;
  return {
    directory,
    server,
    run(args) {
      started += 1;
      const { REMEM_STORE: _, REMEM_CONFIG: __, ...inherited } = process.env;
      const child = spawn(process.execPath, [`--import=${later}`, bin, ...args, "--store", "sqlite:cache.sqlite"], {
        cwd: directory,
        env: {
          ...inherited,
          NODE_OPTIONS: "",
          REMEM_LATER_MS: `${started * LATER_MS}`,
          OPENAI_BASE_URL: server.baseURL,
          OPENAI_API_KEY: "test",
        },
        stdio: ["ignore", "ignore", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      const ended = Promise.all([text(child.stderr), once(child, "close")]).then(([err, [status]]) => ({
        status,
        err,
      }));
      return { child, ended };
    },
  };
}

/** Kills a process at a random moment of its work. Returns whether it was still there. */
async function killed({ child, ended }: Run, server: CompletionsServer, { roll, pick }: Luck, usualMs: number) {
  const received = () => Object.values(server.batches.received).reduce((sum, count) => sum + count, 0);
  const over = ended.then(() => true);
  if (roll() < 0.5) {
    await Promise.race([over, pause(usualMs * (0.4 + 0.7 * roll()))]);
  } else {
    const goal = received() + 1 + pick(5);
    while (received() < goal && child.exitCode === null) await Promise.race([over, pause(1)]);
    await Promise.race([over, pause(20 * roll() ** 2)]);
  }
  if (child.exitCode !== null) return false;
  child.kill("SIGKILL");
  await ended;
  return child.signalCode === "SIGKILL";
}

function planOf({ pick, roll }: Luck): BatchPlan {
  return {
    validating: pick(2),
    running: pick(3),
    ...(roll() < 0.5 && { expiresAfter: pick(LINES) }),
    ...(roll() < 0.2 && { breaks: true }),
  };
}

test(`${KILLS} kills of \`batch --deferred\` at any moment lose no answer, and pay for none twice`, {
  timeout: 900_000,
}, async ({ annotate }) => {
  const chance = luck();
  const { directory, server, run } = await place();
  const { batches } = server;
  let usualMs = 1_500;
  let kills = 0;
  let rounds = 0;
  for (; kills < KILLS; rounds += 1) {
    const round = rounds;
    const questions = Array.from({ length: LINES }, (_, index) => `q${round}-${index}`);
    const lines = questions.map((content, id) => `${JSON.stringify({ id, messages: [{ role: "user", content }] })}\n`);
    writeFileSync(join(directory, "in.jsonl"), lines.join(""));
    writeFileSync(join(directory, "all.jsonl"), lines.join(""), { flag: "a" });
    batches.plan([planOf(chance), planOf(chance)]);
    const args = ["batch", "in.jsonl", "-o", `out${round}.jsonl`, "--deferred", "--wait", "0.02"];
    for (let left = KILLS_A_ROUND; left > 0 && kills < KILLS; left -= 1) {
      if (!(await killed(run(args), server, chance, usualMs))) break;
      kills += 1;
    }
    const startedAt = performance.now();
    const { status, err } = await run(args).ended;
    if (round === 0) usualMs = performance.now() - startedAt;
    expect(status, `seed ${chance.seed}, round ${round}: ${err}`).toBe(0);
    const records = readFileSync(join(directory, `out${round}.jsonl`), "utf8")
      .trim()
      .split("\n");
    expect(records.map((line) => JSON.parse(line).id)).toEqual([...questions.keys()]);
    for (const [index, line] of records.entries()) {
      expect(JSON.parse(line).response).toContain(`“${questions[index]}”`);
    }
    expect(new Set(batches.paid).size, `seed ${chance.seed}, round ${round}`).toBe((round + 1) * LINES);
    expect(batches.paid, `seed ${chance.seed}, round ${round}`).toHaveLength((round + 1) * LINES);
  }
  const direct = await run(["batch", "all.jsonl", "-o", "direct.jsonl"]).ended;
  expect(direct.status, direct.err).toBe(0);
  expect(server.calls).toBe(0);
  expect(integrityOf(join(directory, "cache.sqlite"))).toBe("ok");
  const seen = JSON.stringify({ seed: chance.seed, kills, rounds, ...batches.received, created: batches.ids.length });
  await annotate(seen);
});
