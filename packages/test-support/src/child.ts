import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { onTestFinished } from "vitest";

/** A process started by a test. */
export interface Child {
  readonly process: ChildProcess;
  readonly messages: readonly unknown[];
  /** Resolves with the first message for which `wanted` is true. Rejects if the process ends first. */
  hears(wanted: (message: unknown) => boolean): Promise<unknown>;
  /** Resolves once the process has sent this message. Rejects if it ends first. */
  says(message: unknown): Promise<void>;
  /** Exit code and output, once the process has ended. */
  readonly end: Promise<{ readonly code: number | null; readonly output: string }>;
}

/**
 * Runs a file against the built packages. Killed when the test has finished, at the latest. `env` is added to the
 * environment of this process.
 */
export function startChild(file: URL, args: readonly string[], { env, ...options }: ForkOptions = {}): Child {
  const path = fileURLToPath(file);
  const child = fork(path, args, {
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    ...options,
    env: { ...process.env, NODE_OPTIONS: undefined, ...env },
  });
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

  function hears(wanted: (message: unknown) => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = messages.find(wanted);
        if (found === undefined) return;
        child.off("message", look);
        resolve(found);
      };
      child.on("message", look);
      void end.then(({ code, output }) => reject(new Error(`${path} ended with ${code}: ${output}`)));
      look();
    });
  }
  return {
    process: child,
    messages,
    hears,
    says: async (message) => void (await hears((one) => isDeepStrictEqual(one, message))),
    end,
  };
}

/** Options of `startChild` that limit the file descriptors of the process, for systems with a shell. */
export const withDescriptors = (limit: number): Pick<ForkOptions, "execPath" | "execArgv"> => ({
  execPath: "/bin/sh",
  execArgv: ["-c", `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath],
});
