import { fork } from "node:child_process";
import { once } from "node:events";
import type { Commands } from "./worker.ts";

/** A contestant in a process of its own: its compiler, heap and caches are nobody else's. */
export interface ContestantProcess {
  tell<Name extends keyof Commands>(
    command: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<ReturnType<Commands[Name]>>;
  /** Ends it, whatever it is at. */
  end(): Promise<void>;
}

const WORKER = new URL("./worker.ts", import.meta.url);

export function contestantProcess(): ContestantProcess {
  const child = fork(WORKER, { execArgv: ["--expose-gc", "--no-warnings"], serialization: "advanced" });
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`A process ended: ${code ?? signal}.`);
  });
  ended.catch(() => {}); // Also where nobody waits for it any more.

  return {
    async tell(command, ...args) {
      const reply = once(child, "message");
      child.send({ command, args });
      const [{ result, error }] = await Promise.race([reply, ended]);
      if (error !== undefined) throw new Error(error);
      return result;
    },
    async end() {
      child.kill("SIGKILL");
      await ended.catch(() => {});
    },
  };
}
