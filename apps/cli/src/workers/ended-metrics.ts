import type { MetricSamples } from "@remem/gateway";

/** The counts of workers that have ended. Without them a sum would fall when a worker ends, and look like a reset. */
export interface EndedMetrics {
  add(samples: readonly MetricSamples[]): void;
  /** Only counters and histograms: the other metrics end with their process. */
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
