import { type ChildProcess, type ForkOptions, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { RememOptions } from "remem";
import { onTestFinished } from "vitest";

export interface Outcome {
  readonly response?: string;
  readonly source?: string;
  readonly error?: string;
  readonly message?: string;
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** A client in a process of its own, over the built packages. */
export interface Worker {
  readonly process: ChildProcess;
  /** Makes one concurrent call for each content. Rejects if the process ends before all are answered. */
  ask(contents: readonly string[], signal?: AbortSignal): Promise<Outcome[]>;
  /** The events of its client, in order. */
  readonly events: ReadonlyArray<{ readonly event: string; readonly key?: string }>;
  /** Resolves once the client has reported this event. */
  tells(event: string): Promise<void>;
  /** Closes the client. The process then ends because nothing keeps it alive. */
  close(): Promise<End>;
  readonly end: Promise<End>;
}

type Options = Pick<RememOptions, "model" | "baseURL" | "apiKey" | "cacheDir"> & {
  readonly store?: string;
  readonly umask?: number;
  /** How far the clock of the process is ahead, in milliseconds. */
  readonly skewMs?: number;
};

interface Message {
  readonly id?: number;
  readonly outcomes?: Outcome[];
  readonly event?: string;
  readonly key?: string;
  readonly ready?: true;
}

export function fileOf(script: string): string {
  return fileURLToPath(new URL(`processes/${script}.mjs`, import.meta.url));
}

/** Runs the worker in a PID namespace of its own, as in another container. */
export const CONTAINED: Pick<ForkOptions, "execPath" | "execArgv"> = {
  execPath: "unshare",
  execArgv: ["--pid", "--fork", "--mount-proc", "--kill-child", process.execPath],
};
export const canContain: boolean = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
if (!canContain && process.platform === "linux" && process.env.CI)
  throw new Error("CI must be able to create PID namespaces.");

export async function startWorker(options: Options, forkOptions: ForkOptions = {}): Promise<Worker> {
  const { NODE_OPTIONS: _, REMEM_STORE: __, ...env } = process.env;
  const given = JSON.stringify({ apiKey: "sk-test", ...options });
  const child = fork(fileOf("worker"), [given], {
    execArgv: [],
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    ...forkOptions,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const events: Array<{ event: string; key?: string }> = [];
  child.on("message", (message: Message) => {
    if (message.event !== undefined) events.push(message as { event: string });
  });
  const end = once(child, "close").then(([code, signal]) => ({ code, signal, output }) as End);

  function hears<T>(find: (message: Message) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      function listen(message: Message): void {
        const found = find(message);
        if (found === undefined) return;
        child.off("message", listen);
        resolve(found);
      }
      child.on("message", listen);
      void end.then(({ code, signal }) => reject(new Error(`The worker ended with ${code ?? signal}: ${output}`)));
    });
  }

  let asked = 0;
  await hears(({ ready }) => ready);
  return {
    process: child,
    events,
    end,
    ask(ask, signal) {
      const id = ++asked;
      signal?.addEventListener("abort", () => child.send({ abort: id }));
      const outcomes = hears((message) => (message.id === id ? message.outcomes : undefined));
      child.send({ id, ask });
      return outcomes;
    },
    async tells(event) {
      if (!events.some((one) => one.event === event)) await hears((one) => one.event === event || undefined);
    },
    close() {
      child.send({ close: true });
      return end;
    },
  };
}
