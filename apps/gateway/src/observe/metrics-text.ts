import type { MetricSamples } from "./samples.ts";

/** The content type that Prometheus expects. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const load = (): Promise<typeof import("prom-client")> => import("prom-client"); // Many gateways never serve this page.
let ownProcess: Promise<() => Promise<MetricSamples[]>> | undefined;

/** Metrics of this process: its memory, CPU, descriptors, event loop. They begin with the first call. */
export async function processSamples(): Promise<MetricSamples[]> {
  ownProcess ??= load().then(({ Registry, collectDefaultMetrics }) => {
    const register = new Registry(); // Not the global registry, which belongs to the program.
    collectDefaultMetrics({ register });
    return async () => (await register.getMetricsAsJSON()) as unknown as MetricSamples[];
  });
  return (await ownProcess)();
}

/** The page of metrics, with the sums over processes. */
export async function metricsText(processes: ReadonlyArray<readonly MetricSamples[]>): Promise<string> {
  const { AggregatorRegistry } = await load();
  return AggregatorRegistry.aggregate(processes as MetricSamples[][]).metrics();
}
