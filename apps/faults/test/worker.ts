import type { ChildProcess, ForkOptions } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startChild } from "@remem/test-support/child";
import type { RememOptions } from "remem";

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

type Options = Pick<RememOptions, "model" | "baseURL" | "apiKey" | "cacheDir" | "timeoutMs"> & {
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

export const processFile = (script: string): URL => new URL(`processes/${script}.mjs`, import.meta.url);
export const fileOf = (script: string): string => fileURLToPath(processFile(script));

export async function startWorker(options: Options, forkOptions: ForkOptions = {}): Promise<Worker> {
  const given = JSON.stringify({ apiKey: "sk-test", ...options });
  const child = startChild(processFile("worker"), [given], { env: { REMEM_STORE: undefined }, ...forkOptions });
  const messages = child.messages as readonly Message[];
  const end = child.end.then((ended) => ({ ...ended, signal: child.process.signalCode }));

  async function hears(wanted: (message: Message) => boolean): Promise<Message> {
    return (await child.hears((message) => wanted(message as Message))) as Message;
  }

  let asked = 0;
  await hears(({ ready }) => ready === true);
  return {
    process: child.process,
    get events() {
      return messages.filter((message) => message.event !== undefined) as Worker["events"];
    },
    end,
    async ask(ask, signal) {
      const id = ++asked;
      signal?.addEventListener("abort", () => child.process.send({ abort: id }));
      child.process.send({ id, ask });
      return (await hears((message) => message.id === id)).outcomes!;
    },
    tells: async (event) => void (await hears((message) => message.event === event)),
    close() {
      child.process.send({ close: true });
      return end;
    },
  };
}
