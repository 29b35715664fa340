import type { MetricSamples } from "@remem/gateway";
import { expect, test } from "vitest";
import { type GatewayOutcome, sumOf } from "../../src/gateway/outcome.ts";
import { createEndedMetrics } from "../../src/workers/ended-metrics.ts";
import { createRestarts } from "../../src/workers/restarts.ts";

test("a worker that ends as soon as it begins is started again later and later, and then no more", () => {
  const { delayAfter } = createRestarts();
  expect([1, 2, 3, 4, 5, 6].map(() => delayAfter(500))).toEqual([100, 200, 400, 800, 1_600, undefined]);
});

test("a worker that has run for long begins the count anew", () => {
  const { delayAfter } = createRestarts();
  for (let turn = 0; turn < 100; turn++) expect(delayAfter(10_000)).toBe(100);
  expect(delayAfter(500)).toBe(200);
  expect(delayAfter(3_600_000)).toBe(100);
});

test("what processes have done is added up, by name", () => {
  const amount = { prompt: 1, completion: 2, dollars: 0.5, unpriced: 1 };
  const outcome = (model: string, notStored: Record<string, number>, dollars: number | undefined): GatewayOutcome => ({
    gateway: {
      requests: 2,
      passedThrough: 1,
      refused: 0,
      unauthorized: 0,
      unreachable: 0,
      cache: {
        hits: 1,
        joined: 0,
        misses: 3,
        providerCalls: 3,
        stored: 2,
        notAdmitted: 0,
        notStored,
        storeErrors: 0,
        tokens: { paid: { prompt: 5, completion: 6 }, saved: { prompt: 7, completion: 8 } },
      },
    },
    paid: { ...amount, dollars },
    saved: amount,
    unpriced: { [model]: 1 },
  });
  expect(sumOf([])).toBeUndefined();
  const sum = sumOf([
    outcome("a", { "too-large": 1 }, undefined),
    outcome("b", { "no-content": 2 }, 3),
    outcome("a", {}, 4),
  ]);
  expect(sum).toMatchObject({
    gateway: {
      requests: 6,
      passedThrough: 3,
      cache: {
        misses: 9,
        notStored: { "too-large": 1, "no-content": 2 },
        tokens: { paid: { prompt: 15, completion: 18 } },
      },
    },
    paid: { prompt: 3, completion: 6, dollars: 7, unpriced: 3 },
    saved: { dollars: 1.5 },
    unpriced: { a: 2, b: 1 },
  });
});

test("of workers that have ended, what only grows is kept", () => {
  const ended = createEndedMetrics();
  const samples = (value: number): MetricSamples[] => [
    { name: "calls", help: "h", type: "counter", aggregator: "sum", values: [{ value, labels: { source: "hit" } }] },
    { name: "in_flight", help: "h", type: "gauge", aggregator: "sum", values: [{ value, labels: {} }] },
    { name: "version", help: "h", type: "counter", aggregator: "first", values: [{ value, labels: {} }] },
    {
      name: "seconds",
      help: "h",
      type: "histogram",
      aggregator: "sum",
      values: [
        { metricName: "seconds_bucket", value, labels: { le: 1 } },
        { metricName: "seconds_count", value, labels: {} },
      ],
    },
  ];
  ended.add(samples(2));
  ended.add(samples(5));
  const [calls, seconds, ...others] = ended.samples();
  expect(others).toEqual([]);
  expect(calls).toMatchObject({ name: "calls", type: "counter", values: [{ value: 7, labels: { source: "hit" } }] });
  expect(seconds?.values.map(({ value }) => value)).toEqual([7, 7]);
});
