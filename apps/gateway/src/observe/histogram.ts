import type { MetricSamples } from "./samples.ts";

/** Seconds, from a hit in memory to a long answer of a model that thinks. */
const BOUNDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
] as const;

/** Durations, in a histogram. */
export interface Durations {
  /** How many were in each bucket, and in none. */
  readonly counts: Float64Array;
  seconds: number;
}

export const createDurations = (): Durations => ({ counts: new Float64Array(BOUNDS.length + 1), seconds: 0 });

export function addDuration(durations: Durations, ms: number): void {
  const seconds = ms / 1_000;
  let bucket = 0;
  while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket += 1;
  durations.counts[bucket]! += 1;
  durations.seconds += seconds;
}

/** The values of a histogram with these labels. */
export function durationValues(
  name: string,
  { counts, seconds }: Durations,
  labels: Readonly<Record<string, string>>,
): MetricSamples["values"] {
  let count = 0;
  const metricName = `${name}_bucket`;
  const buckets = [...BOUNDS, "+Inf"].map((le, index) => {
    count += counts[index]!;
    return { metricName, value: count, labels: { ...labels, le } };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, value: seconds, labels },
    { metricName: `${name}_count`, value: count, labels },
  ];
}
