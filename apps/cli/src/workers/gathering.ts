import type { Worker } from "node:cluster";
import type { MetricSamples } from "@remem/gateway";
import { createEndedMetrics } from "./ended-metrics.ts";
import type { FromPrimary, Gathered } from "./messages.ts";

/** If a worker takes longer, its last samples count. */
const ANSWER_MS = 2_000;

/** Gathers the metrics of all workers, for the one that was asked for them. */
export interface Gathering {
  gather(workers: readonly Worker[]): Promise<Gathered>;
  /** Takes the metrics of a worker. */
  told(worker: Worker, id: number, samples: readonly MetricSamples[]): void;
  ended(worker: Worker): void;
}

export function createGathering(): Gathering {
  const known = new Map<number, readonly MetricSamples[]>();
  const ended = createEndedMetrics();
  const waiting = new Map<number, (worker: number) => void>();
  let asked = 0;
  return {
    async gather(workers) {
      asked += 1;
      const id = asked;
      const missing = new Set(workers.map((worker) => worker.id));
      const all = Promise.withResolvers<void>();
      const answered = (worker: number): void => {
        missing.delete(worker);
        if (missing.size === 0) all.resolve();
      };
      waiting.set(id, answered);
      const timer = setTimeout(all.resolve, ANSWER_MS);
      for (const worker of workers) {
        worker.send({ type: "samples?", id } satisfies FromPrimary, (error) => error && answered(worker.id));
      }
      await all.promise;
      clearTimeout(timer);
      waiting.delete(id);
      return [ended.samples(), ...known.values()];
    },
    told(worker, id, samples) {
      known.set(worker.id, samples);
      waiting.get(id)?.(worker.id);
    },
    ended({ id }) {
      const last = known.get(id);
      known.delete(id);
      if (last !== undefined) ended.add(last);
      for (const answered of waiting.values()) answered(id);
    },
  };
}
