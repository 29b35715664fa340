import { fork } from "node:child_process";
import { once } from "node:events";
import type { Size } from "../workload.ts";

/** A batch of the first so many questions, all of them kept in the directory. */
export interface LongBatch {
  readonly directory: string;
  readonly size: Size;
  readonly items: number;
  readonly way: "inferEach" | "batchInfer";
  /** Of the heap of `inferEach`: all there is at a moment, or only what is in use, which takes a collection each time. */
  readonly sampled: "all" | "live";
}

export interface Taken {
  /** Microseconds an item, without what making requests takes. */
  readonly itemUs: number;
  /** The highest that was sampled; of `batchInfer` what its results take. */
  readonly heapBytes: number;
}

/** In a process of its own, so that no batch finds the heap of another. */
export async function takeBatch(batch: LongBatch): Promise<Taken> {
  const child = fork(new URL("./process.ts", import.meta.url), [JSON.stringify(batch)], {
    execArgv: ["--expose-gc", "--no-warnings"],
  });
  const exit = once(child, "exit");
  const ended = exit.then(([code, signal]) => {
    throw new Error(`A batch ended: ${code ?? signal}.`);
  });
  ended.catch(() => {}); // It does in the end, when nobody waits for it any more.
  const [taken] = await Promise.race([once(child, "message"), ended]);
  await exit;
  return taken as Taken;
}
