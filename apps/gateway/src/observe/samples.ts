/** A metric and its values, as `prom-client` writes and sums them, and as they pass between processes. */
export interface MetricSamples {
  /** The name of the metric. */
  readonly name: string;
  /** A description of the metric. */
  readonly help: string;
  /** The type of Prometheus. */
  readonly type: "counter" | "gauge" | "histogram";
  /** How the values of several processes become one: `"sum"` of the gateway's own. */
  readonly aggregator: string;
  /** A value for each combination of labels. */
  readonly values: ReadonlyArray<{
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    /** The name of the value, if it is not that of the metric, as in a histogram. */
    readonly metricName?: string;
  }>;
}

type Labels = MetricSamples["values"][number]["labels"];

/** Counts events that are rare enough to make a text of their labels. */
export interface Family {
  add(amount: number, ...values: ReadonlyArray<string | undefined>): void;
  samples(): MetricSamples;
}

/** Creates a counter with labels of these names. A value that is undefined leaves its label out. */
export function createFamily(name: string, help: string, labelNames: readonly string[]): Family {
  const sums = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    add(amount, ...values) {
      const key = values.join("\n");
      let sum = sums.get(key);
      if (sum === undefined) {
        sum = { labels: labelsOf(labelNames, values), value: 0 };
        sums.set(key, sum);
      }
      sum.value += amount;
    },
    samples: () => counter(name, help, [...sums.values()]),
  };
}

export function labelsOf(names: readonly string[], values: ReadonlyArray<string | undefined>): Labels {
  return Object.fromEntries(
    names.flatMap((name, index) => (values[index] === undefined ? [] : [[name, values[index]]])),
  );
}

export function counter(name: string, help: string, values: MetricSamples["values"]): MetricSamples {
  // A copy, because the values change later.
  return { name, help, type: "counter", aggregator: "sum", values: values.map((value) => ({ ...value })) };
}

export function gauge(name: string, help: string, value: number): MetricSamples {
  return { name, help, type: "gauge", aggregator: "sum", values: [{ value, labels: {} }] };
}
