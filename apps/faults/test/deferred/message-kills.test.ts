import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type MessageBatchPlan, type MessagesServer, messagesServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { integrityOf } from "../database.ts";
import { type Luck, luck } from "../seed.ts";

const KILLS = 30;
const QUESTIONS = 100;
/** The most kills before a run may end by itself. */
const KILLS_A_ROUND = 8;
/** How much later each process begins by its clock: a batch whose creation broke off is created again after 20 s. */
const LATER_MS = 21_000;

const asker = fileURLToPath(new URL("message-asker.mjs", import.meta.url));
const later = new URL("later.mjs", import.meta.url).href;

type Run = ReturnType<ReturnType<typeof runner>>;

function runner(directory: string, server: MessagesServer) {
  let started = 0;
  return (round: number) => {
    started += 1;
    const child = spawn(process.execPath, [`--import=${later}`, asker, `${round}`, `${QUESTIONS}`], {
      cwd: directory,
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        REMEM_LATER_MS: `${started * LATER_MS}`,
        ANTHROPIC_BASE_URL: server.baseURL,
        ANTHROPIC_API_KEY: "test",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
      ([out, err, [status]]) => ({ out, err, status: status as number | null }),
    );
    return { child, ended };
  };
}

/** Kills a process at a random moment: after so many requests, and a little later. Returns whether it was still there. */
async function killed({ child, ended }: Run, { batches }: MessagesServer, { roll, pick }: Luck): Promise<boolean> {
  const received = (): number => Object.values(batches.received).reduce((sum, count) => sum + count, 0);
  const over = ended.then(() => {});
  const goal = received() + pick(6);
  while (received() < goal && child.exitCode === null) await Promise.race([over, pause(1)]);
  await Promise.race([over, pause((goal === received() ? 30 : 400) * roll() ** 2)]);
  if (child.exitCode !== null) return false;
  child.kill("SIGKILL");
  await ended;
  return child.signalCode === "SIGKILL";
}

function planOf({ pick, roll }: Luck): MessageBatchPlan {
  return {
    running: pick(4),
    ...(roll() < 0.5 && { expiresAfter: pick(QUESTIONS) }),
    ...(roll() < 0.4 && { breaks: true }),
  };
}

test(`${KILLS} kills of a job for Message Batches at any moment lose no answer, and pay for none twice`, {
  timeout: 300_000,
}, async ({ annotate }) => {
  const chance = luck();
  const directory = temporaryDirectory();
  const server = await messagesServer();
  onTestFinished(() => server.close());
  const run = runner(directory, server);
  const { batches } = server;
  let kills = 0;
  let rounds = 0;
  for (; kills < KILLS; rounds += 1) {
    batches.plan([planOf(chance), planOf(chance)]);
    for (let left = KILLS_A_ROUND; left > 0 && kills < KILLS; left -= 1) {
      if (!(await killed(run(rounds), server, chance))) break;
      kills += 1;
    }
    const { out, err, status } = await run(rounds).ended;
    const at = `seed ${chance.seed}, round ${rounds}`;
    expect(status, `${at}: ${err}`).toBe(0);
    const answers = out.trim().split("\n");
    expect(answers).toHaveLength(QUESTIONS);
    for (const [index, answer] of answers.entries()) expect(answer, at).toContain(`“q${rounds}-${index}”`);
    const paid = batches.paid.map((params) => JSON.stringify(params));
    expect(new Set(paid).size, at).toBe((rounds + 1) * QUESTIONS);
    expect(paid, at).toHaveLength((rounds + 1) * QUESTIONS);
  }
  expect(server.requests).toEqual([]);
  expect(integrityOf(join(directory, "cache.sqlite"))).toBe("ok");
  const seen = { seed: chance.seed, kills, rounds, ...batches.received, created: batches.ids.length };
  await annotate(JSON.stringify(seen));
});
