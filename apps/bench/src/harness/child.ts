import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A child process of the bench. */
export interface Child {
  readonly pid: number;
  /** Sends the message, if any, and waits for the next message of the process. */
  ask(message?: object): Promise<unknown>;
  /** Kills the process. */
  end(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts `processes/<name>.ts`. It does not outlive this process. */
export function startChild(name: string, args: readonly string[] = [], flags: readonly string[] = []): Child {
  const child = fork(new URL(`../processes/${name}.ts`, import.meta.url), args, {
    execArgv: ["--expose-gc", "--no-warnings", ...flags],
    serialization: "advanced",
  });
  running.add(child);
  // A process can end before its last message is read: the channel is disconnected only after that.
  const ended = Promise.all([once(child, "exit"), once(child, "disconnect")]).then(([[code, signal]]) => {
    running.delete(child);
    throw new Error(`The process ${name} ended unexpectedly: ${code ?? signal}.`);
  });
  ended.catch(() => {}); // No caller may be waiting for it.

  return {
    pid: child.pid!,
    async ask(message) {
      const reply = once(child, "message");
      if (message !== undefined) child.send(message);
      const [said] = await Promise.race([reply, ended]);
      return said;
    },
    async end() {
      child.kill("SIGKILL");
      await ended.catch(() => {});
    },
  };
}
