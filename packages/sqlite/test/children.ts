import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { sqliteStore } from "../src/index.ts";
import { collect, connectTo } from "./temporary.ts";

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first message for which `wanted` is true; rejects where the process ends before it. */
  message(wanted: (message: unknown) => boolean): Promise<unknown>;
  readonly messages: readonly unknown[];
  /** What the process left behind at its end. */
  readonly end: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Runs a file of `processes/` against the built package. */
export const start = (script: string, ...args: string[]): Child => launch(script, args, {});

/** The same with no more than so many descriptors, for systems with a shell. */
export const startWithDescriptors = (limit: number, script: string, ...args: string[]): Child =>
  launch(script, args, {
    execPath: "/bin/sh",
    execArgv: ["-c", `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath],
  });

function launch(script: string, args: string[], options: ForkOptions): Child {
  const file = fileURLToPath(new URL(`processes/${script}.mjs`, import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(file, args, { execArgv: [], env, stdio: ["ignore", "ignore", "pipe", "ipc"], ...options });
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

export async function startWriters(
  path: string,
  processes: number,
  count: number,
  script = "writer",
): Promise<Child[]> {
  const writers = Array.from({ length: processes }, (_, index) =>
    start(script, path, `writer ${index}`, String(count)),
  );
  await Promise.all(writers.map((writer) => writer.message((message) => message === "ready")));
  return writers;
}

export async function finish(children: readonly Child[]): Promise<void> {
  for (const { end } of children) expect(await end).toEqual({ code: 0, stderr: "" });
}

export async function keysIn(path: string): Promise<Set<string>> {
  const store = sqliteStore({ path });
  try {
    return new Set((await collect(store.entries!())).map(([key]) => key));
  } finally {
    await store.close();
  }
}

export function expectIntact(path: string): void {
  expect(connectTo(path).prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
}
