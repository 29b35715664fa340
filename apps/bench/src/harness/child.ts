import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A process of the bench. */
export interface Child {
  readonly pid: number;
  /** Sends this, if there is something to say, and waits for what the process says next. */
  ask(message?: object): Promise<unknown>;
  /** Ends it, whatever it is at. */
  end(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts `processes/<name>.ts`. It does not outlive this process. */
export function startChild(name: string, ...args: readonly string[]): Child {
  const child = fork(new URL(`../processes/${name}.ts`, import.meta.url), args, {
    execArgv: ["--expose-gc", "--no-warnings"],
    serialization: "advanced",
  });
  running.add(child);
  const ended = once(child, "exit").then(([code, signal]) => {
    running.delete(child);
    throw new Error(`A process ended, ${name}: ${code ?? signal}.`);
  });
  ended.catch(() => {}); // Also where nobody waits for it any more.

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
