import type { MetricSamples } from "@remem/gateway";

/** What workers that have ended had counted. Without it a sum would fall with each, and look like a new beginning. */
export interface EndedMetrics {
  add(samples: readonly MetricSamples[]): void;
  /** Counters and histograms alone: what a process has, it has no more. */
  samples(): MetricSamples[];
}

type Value = MetricSamples["values"][number];

export function createEndedMetrics(): EndedMetrics {
  const metrics = new Map<
    string,
    { readonly head: Omit<MetricSamples, "values">; readonly values: Map<string, Value> }
  >();
  return {
    add(samples) {
      for (const { values, ...head } of samples) {
        if (head.type === "gauge" || head.aggregator !== "sum") continue;
        const known = metrics.get(head.name) ?? { head, values: new Map<string, Value>() };
        metrics.set(head.name, known);
        for (const one of values) {
          const key = JSON.stringify([one.metricName, one.labels]);
          known.values.set(key, { ...one, value: one.value + (known.values.get(key)?.value ?? 0) });
        }
      }
    },
    samples: () => Array.from(metrics.values(), ({ head, values }) => ({ ...head, values: [...values.values()] })),
  };
}
