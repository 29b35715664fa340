import type { Cluster, Worker } from "node:cluster";
import { INTERRUPTED, onInterrupt } from "../commands/interrupt.ts";
import type { ServeFlags } from "../commands/serve.ts";
import { UsageError } from "../flags/usage-error.ts";
import { type Announcement, announce } from "../gateway/announcement.ts";
import { gatewaySummary } from "../gateway/gateway-summary.ts";
import { type GatewayOutcome, sumOf } from "../gateway/outcome.ts";
import { complain } from "../output/complain.ts";
import { createGathering } from "./gathering.ts";
import type { FromPrimary, FromWorker } from "./messages.ts";
import { createRestarts } from "./restarts.ts";

/** Serves the gateway in several processes that share its port. Restarts workers that end, and ends when all have ended. */
export async function servePrimary(flags: ServeFlags, cluster: Cluster): Promise<number> {
  checkFlags(flags);
  const startedAt = performance.now();
  const outcomes: GatewayOutcome[] = [];
  const gathering = createGathering();
  const restarts = createRestarts();
  const timers = new Set<NodeJS.Timeout>();
  const { promise: result, resolve: end } = Promise.withResolvers<number>();
  let status = 0;
  let isStopping = false;
  /** The number of workers that listen. It counts only until all of the first ones do. */
  let listening = 0;
  let lost = 0;

  const workers = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);

  function stop(): void {
    isStopping = true;
    for (const timer of timers) clearTimeout(timer);
    for (const worker of workers()) send(worker, { type: "stop" });
    if (workers().length === 0) end(status);
  }

  function start(): void {
    const worker = cluster.fork();
    const bornAt = performance.now();
    worker.on("message", (message: FromWorker) => hear(worker, message));
    worker.once("exit", (code, signal) => ended(worker, code ?? 1, signal, performance.now() - bornAt));
    worker.on("error", () => {}); // The worker is ending, so it cannot receive the message.
  }

  function hear(worker: Worker, message: FromWorker): void {
    if (message.type === "listening") {
      if (isStopping) send(worker, { type: "stop" });
      else if (listening < flags.workers) began(message);
    } else if (message.type === "ended") outcomes.push(message.outcome);
    else if (message.type === "samples") gathering.told(worker, message.id, message.samples);
    else {
      const { id } = message;
      const asked = workers().filter((one) => one.isConnected());
      void gathering.gather(asked).then((processes) => send(worker, { type: "gathered", id, processes }));
    }
  }

  /** Other workers will listen where the first one does. */
  function began(announcement: Announcement): void {
    listening += 1;
    if (listening === 1) for (let started = 1; started < flags.workers; started++) start();
    if (listening < flags.workers) return;
    announce(announcement, `${flags.workers} workers are listening`);
  }

  function ended(worker: Worker, code: number, signal: string | null, ranMs: number): void {
    gathering.ended(worker);
    if (signal !== null) lost += 1;
    if (listening === 0 && !isStopping) {
      end(code); // The worker has printed the reason.
      return;
    }
    if (isStopping) {
      if (workers().length === 0) end(status);
      return;
    }
    const delay = restarts.delayAfter(ranMs);
    const how = signal ?? `status ${code}`;
    if (delay === undefined) {
      console.error(`remem: a worker has ended (${how}), like those before it, as soon as it began; giving up`);
      status = 1;
      stop();
      return;
    }
    console.error(`remem: a worker has ended (${how}); starting another`);
    const timer = setTimeout(() => {
      timers.delete(timer);
      start();
    }, delay);
    timers.add(timer);
  }

  const unsubscribe = onInterrupt(
    () => {
      console.error("remem: stopping; requests in flight get 30 s, Ctrl-C again exits immediately");
      stop();
    },
    () => {
      for (const worker of workers()) worker.process.kill("SIGKILL");
      process.exit(INTERRUPTED);
    },
  );
  start();
  const exit = await result;
  unsubscribe();
  const sum = sumOf(outcomes);
  if (sum !== undefined) complain(`${gatewaySummary(sum, performance.now() - startedAt)}\n`);
  if (lost > 0)
    console.error(
      `remem: the summary lacks the figures of ${lost === 1 ? "a killed worker" : `${lost} killed workers`}`,
    );
  return exit;
}

function send(worker: Worker, message: FromPrimary): void {
  if (worker.isConnected()) worker.send(message, () => {});
}

/** Limits that each process would keep by itself. */
function checkFlags({ maxCalls, maxCost, rpm, tpm }: ServeFlags): void {
  for (const [flag, value] of Object.entries({
    "--max-calls": maxCalls,
    "--max-cost": maxCost,
    "--rpm": rpm,
    "--tpm": tpm,
  })) {
    if (value === undefined) continue;
    throw new UsageError(`${flag} would count in each worker separately: leave out this flag or --workers`);
  }
}
