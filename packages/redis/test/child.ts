import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { onTestFinished } from "vitest";
import type { Timings } from "../src/timings.ts";

export interface Child {
  readonly process: ChildProcess;
  /** Resolves once it has said this; rejects where the process ends before it. */
  says(message: unknown): Promise<void>;
  readonly messages: readonly unknown[];
  readonly end: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** A store for a process to open. */
export type StoreElsewhere = { readonly prefix?: string } & (
  | { readonly url: string }
  | { readonly nodes: readonly string[] }
);

/** Runs a file of `processes/` against the built package, until the test is finished at the latest. */
export function start(script: string, ...args: string[]): Child {
  const file = fileURLToPath(new URL(`processes/${script}.mjs`, import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(file, args, { execArgv: [], env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const messages: unknown[] = [];
  child.on("message", (message) => void messages.push(message));
  const end = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return {
    process: child,
    messages,
    end,
    says: (message) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (messages.some((one) => isDeepStrictEqual(one, message))) resolve();
        };
        child.on("message", look);
        void end.then(({ code, output }) => reject(new Error(`${script} ended with ${code}: ${output}`)));
        look();
      }),
  };
}

/** A process that goes for the lead of this key. */
export function startLeader(store: StoreElsewhere, key: string, timings?: Timings): Child {
  return start("leader", JSON.stringify(store), key, ...(timings === undefined ? [] : [JSON.stringify(timings)]));
}

/** What the contract of a store wants to know of its flights across processes. */
export function elsewhere(store: () => StoreElsewhere) {
  return {
    async orphan(key: string): Promise<void> {
      const child = startLeader(store(), key, { leaseMs: 300, tickMs: 100 });
      await child.says("leads");
      child.process.kill("SIGKILL");
      await child.end;
    },
    async leadElsewhere(key: string): Promise<() => Promise<void>> {
      const child = startLeader(store(), key);
      await child.says("leads");
      return async () => {
        child.process.send("release");
        await child.says("released");
      };
    },
  };
}
