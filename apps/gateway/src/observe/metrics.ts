import type { PriceOf } from "../prices.ts";
import type { JournalCall } from "./calls.ts";
import { addDuration, createDurations, type Durations, durationValues } from "./histogram.ts";
import { createLabels } from "./labels.ts";
import { counter, createFamily, gauge, labelsOf, type MetricSamples } from "./samples.ts";

/** Counts the requests and calls of a gateway. */
export interface Metrics {
  /** Called when a request has arrived. */
  began(): void;
  /** Called when it has ended, with its status, or with 499 if its caller has left. */
  ended(status: number, tenant: string | undefined): void;
  /** Called when the gateway itself has answered, with an error of this code. */
  refused(code: string, tenant: string | undefined): void;
  call(call: JournalCall, tenant: string | undefined): void;
  samples(): MetricSamples[];
}

const SOURCES = { store: "hit", flight: "joined", provider: "miss" } as const;
type Source = (typeof SOURCES)[keyof typeof SOURCES];

/** The calls of one tenant for one model of one surface. */
interface Cell {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly calls: Record<Source, number>;
  readonly paid: Amount;
  readonly saved: Amount;
  readonly durations: Record<Source, Durations>;
}

interface Amount {
  input: number;
  output: number;
  dollars: number;
}

/** Callers choose the names, and each name is a time series in a monitoring system. */
const MAX_MODELS = 100;
const MAX_TENANTS = 1_000;
const DURATION = "remem_call_duration_seconds";

/** Creates the counters. A hit looks up its own three numbers, and makes no object. */
export function createMetrics(priceOf: PriceOf | undefined): Metrics {
  const modelLabel = createLabels(MAX_MODELS);
  const tenantLabels = createLabels(MAX_TENANTS);
  const tenantLabel = (tenant: string | undefined) => (tenant === undefined ? undefined : tenantLabels(tenant));
  const cells = new Map<string | undefined, Map<string, Map<string, Cell>>>();
  const durations = new Map<string, Cell["durations"]>();
  const requests = new Map<string | undefined, number[]>();
  const refusals = createFamily(
    "remem_refusals_total",
    "Requests that the gateway itself has answered with an error.",
    ["reason", "tenant"],
  );
  const errors = createFamily("remem_call_errors_total", "Calls that have failed, by the code of the error.", [
    "surface",
    "code",
    "source",
    "tenant",
  ]);
  const providerCalls = createFamily(
    "remem_provider_calls_total",
    "Calls that have asked a server, also those that have failed.",
    ["surface", "tenant"],
  );
  const notStored = createFamily("remem_not_stored_total", "Answers that were paid for and are not stored.", [
    "reason",
    "tenant",
  ]);
  const unpriced = createFamily("remem_unpriced_calls_total", "Calls with tokens whose price is not known.", ["model"]);
  let inFlight = 0;

  function cellOf(tenant: string | undefined, surface: string, model: string): Cell {
    const bySurface = slot(cells, tenant, () => new Map<string, Map<string, Cell>>());
    const byModel = slot(bySurface, surface, () => new Map<string, Cell>());
    const known = byModel.get(model);
    if (known !== undefined) return known;
    const none = (): Amount => ({ input: 0, output: 0, dollars: 0 });
    const cell: Cell = {
      labels: labelsOf(["surface", "model", "tenant"], [surface, model, tenant]),
      calls: { hit: 0, joined: 0, miss: 0 },
      paid: none(),
      saved: none(),
      durations: slot(durations, surface, () => ({
        hit: createDurations(),
        joined: createDurations(),
        miss: createDurations(),
      })),
    };
    byModel.set(model, cell);
    return cell;
  }

  function addTokens(cell: Cell, { tokens, source, model }: JournalCall): void {
    if (tokens === undefined) return;
    const amount = source === "provider" ? cell.paid : cell.saved;
    amount.input += tokens.prompt;
    amount.output += tokens.completion;
    const price = model && priceOf?.(model, { input: tokens.prompt, output: tokens.completion });
    if (typeof price === "number") amount.dollars += price;
    else unpriced.add(1, modelLabel(model));
  }

  return {
    began() {
      inFlight += 1;
    },
    ended(status, tenant) {
      inFlight -= 1;
      const classes = slot(requests, tenantLabel(tenant), () => [0, 0, 0, 0, 0, 0]);
      classes[Math.min(5, Math.floor(status / 100))]! += 1;
    },
    refused: (code, tenant) => refusals.add(1, code, tenantLabel(tenant)),
    call(call, from) {
      const tenant = tenantLabel(from);
      const cell = cellOf(tenant, call.surface, modelLabel(call.model));
      const source = SOURCES[call.source];
      if (call.source === "provider" && !isRefused(call)) providerCalls.add(1, call.surface, tenant);
      if (call.notStored !== undefined) notStored.add(1, call.notStored, tenant);
      addTokens(cell, call);
      if (call.error !== undefined) {
        errors.add(1, call.surface, call.error, source, tenant);
        return;
      }
      cell.calls[source] += 1;
      addDuration(cell.durations[source], call.durationMs);
    },
    samples() {
      const all = [...cells.values()].flatMap((surfaces) => [...surfaces.values()].flatMap((one) => [...one.values()]));
      return [
        requestSamples(requests),
        gauge("remem_requests_in_flight", "Requests that have come and have not ended.", inFlight),
        refusals.samples(),
        ...callSamples(all),
        providerCalls.samples(),
        errors.samples(),
        notStored.samples(),
        unpriced.samples(),
        durationSamples(durations),
      ];
    },
  };
}

/** Whether a limit has refused a call, which then costs nothing. */
const isRefused = ({ error }: JournalCall): boolean => error === "BUDGET_EXCEEDED" || error === "RATE_LIMITED";

function requestSamples(requests: ReadonlyMap<string | undefined, readonly number[]>): MetricSamples {
  const values = [...requests].flatMap(([tenant, classes]) =>
    classes.flatMap((value, index) =>
      value === 0 ? [] : [{ value, labels: labelsOf(["status", "tenant"], [`${index}xx`, tenant]) }],
    ),
  );
  return counter("remem_requests_total", "Requests that have ended, by the class of their status.", values);
}

function callSamples(cells: readonly Cell[]): MetricSamples[] {
  const calls = cells.flatMap(({ labels, calls }) =>
    Object.entries(calls).map(([source, value]) => ({ value, labels: { ...labels, source } })),
  );
  const amounts = cells.flatMap(({ labels, paid, saved }) => [
    { amount: paid, labels: { ...labels, kind: "paid" } },
    { amount: saved, labels: { ...labels, kind: "saved" } },
  ]);
  const tokens = amounts.flatMap(({ amount, labels }) => [
    { value: amount.input, labels: { ...labels, direction: "input" } },
    { value: amount.output, labels: { ...labels, direction: "output" } },
  ]);
  return [
    counter("remem_calls_total", "Calls that were answered: hits, joined calls of others, and misses.", calls),
    counter("remem_tokens_total", "Tokens that were paid for, or saved by hits and joined calls.", tokens),
    counter(
      "remem_cost_dollars_total",
      "Dollars that were paid or saved, by list prices.",
      amounts.map(({ amount, labels }) => ({ value: amount.dollars, labels })),
    ),
  ];
}

function durationSamples(durations: ReadonlyMap<string, Cell["durations"]>): MetricSamples {
  const values = [...durations].flatMap(([surface, bySource]) =>
    Object.entries(bySource).flatMap(([source, sum]) => durationValues(DURATION, sum, { surface, source })),
  );
  const help = "How long callers waited for answers. Misses count from when the server was asked.";
  return { name: DURATION, help, type: "histogram", aggregator: "sum", values };
}

function slot<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
