import type { JournalCall, TokenCount } from "@remem/core";

/** The cost of a call in dollars at its time. Undefined if the price of the model is unknown. */
export type CostOf = (model: string, tokens: TokenCount, at: number) => number | undefined;

/** The share of the list price that a Batch API takes: half, as OpenAI, Azure and DashScope document it. */
export const DEFERRED_SHARE = 0.5;

/** Tokens and money of some calls. */
export interface CallAmount {
  /** Tokens of the requests. */
  prompt: number;
  /** Tokens of the answers. */
  completion: number;
  /** The cost by list prices. Undefined if no price is known. */
  dollars: number | undefined;
  /** Calls of models whose price is unknown. */
  unpriced: number;
}

/** Some calls. Each is counted once: as a hit, as joined, as a miss or as a failure. */
export interface CallSum {
  /** Answered from the store. */
  hits: number;
  /** Answered together with another call. */
  joined: number;
  /** Answered by the provider. */
  misses: number;
  /** Not answered. */
  failures: number;
  /** The tokens and the money that were paid. */
  readonly paid: CallAmount;
  /** The tokens and the money that hits and joined calls would have cost. */
  readonly saved: CallAmount;
}

/** Adds up calls. */
export interface CallTally {
  /** All of them. */
  readonly total: CallSum;
  /** By the model's name. */
  readonly byModel: ReadonlyMap<string, CallSum>;
  /** By quarter of an hour, counted from 1970, which is a part of one local hour in every time zone. */
  readonly byQuarter: ReadonlyMap<number, CallSum>;
  /** How many calls have failed, by the code of the error. */
  readonly failures: Readonly<Record<string, number>>;
  /** How many answers were paid for and not stored, by reason. */
  readonly notStored: Readonly<Record<string, number>>;
  /** The times of the first and the last call. Undefined without calls. */
  readonly from: number | undefined;
  /** The time of the last call. */
  readonly to: number | undefined;
  /** Returns what the call has cost or saved, in dollars. */
  add(call: JournalCall): number | undefined;
}

const QUARTER_MS = 15 * 60_000;
/** Callers choose the names of models, so there may be any number of them. Further models are counted together. */
const MAX_MODELS = 1_000;
const OTHERS = "(others)";
const UNKNOWN = "unknown";

/** Adds up the calls of a journal, in memory that does not grow with them. */
export function createTally(costOf: CostOf): CallTally {
  const total = createSum();
  const byModel = new Map<string, CallSum>();
  const byQuarter = new Map<number, CallSum>();
  const failures: Record<string, number> = {};
  const notStored: Record<string, number> = {};
  let from: number | undefined;
  let to: number | undefined;

  function sumOfModel(model: string): CallSum {
    return sumOf(byModel, byModel.has(model) || byModel.size < MAX_MODELS ? model : OTHERS);
  }
  return {
    total,
    byModel,
    byQuarter,
    failures,
    notStored,
    get from() {
      return from;
    },
    get to() {
      return to;
    },
    add(call) {
      const { at, model, tokens, error, deferred } = call;
      const price = model === undefined || tokens === undefined ? undefined : costOf(model, tokens, at);
      const dollars = price && (deferred ? DEFERRED_SHARE : 1) * price;
      if (from === undefined || at < from) from = at;
      if (to === undefined || at > to) to = at;
      if (error !== undefined) count(failures, error);
      if (call.notStored !== undefined) count(notStored, call.notStored);
      addTo(total, call, dollars);
      addTo(sumOfModel(model ?? UNKNOWN), call, dollars);
      addTo(sumOf(byQuarter, Math.floor(at / QUARTER_MS)), call, dollars);
      return dollars;
    },
  };
}

/** How many calls a sum has. */
export function callsOf({ hits, joined, misses, failures }: CallSum): number {
  return hits + joined + misses + failures;
}

/** The share of the calls that were answered and not paid for. */
export function hitRateOf(sum: CallSum): number {
  const calls = callsOf(sum);
  return calls === 0 ? 0 : (sum.hits + sum.joined) / calls;
}

/** Adds up the sums of the quarters of an hour that have one label, in the order of time. */
export function byLabel(
  quarters: ReadonlyMap<number, CallSum>,
  labelOf: (time: number) => string,
): Map<string, CallSum> {
  const sums = new Map<string, CallSum>();
  for (const [quarter, sum] of [...quarters].sort(([one], [other]) => one - other)) {
    merge(sumOf(sums, labelOf(quarter * QUARTER_MS)), sum);
  }
  return sums;
}

function createSum(): CallSum {
  const none = (): CallAmount => ({ prompt: 0, completion: 0, dollars: undefined, unpriced: 0 });
  return { hits: 0, joined: 0, misses: 0, failures: 0, paid: none(), saved: none() };
}

function sumOf<Name>(sums: Map<Name, CallSum>, name: Name): CallSum {
  let sum = sums.get(name);
  if (sum === undefined) {
    sum = createSum();
    sums.set(name, sum);
  }
  return sum;
}

function addTo(sum: CallSum, { source, error, tokens }: JournalCall, dollars: number | undefined): void {
  if (error !== undefined) sum.failures += 1;
  else if (source === "store") sum.hits += 1;
  else if (source === "flight") sum.joined += 1;
  else sum.misses += 1;
  if (tokens === undefined) return;
  const amount = source === "provider" ? sum.paid : sum.saved;
  amount.prompt += tokens.prompt;
  amount.completion += tokens.completion;
  if (dollars === undefined) amount.unpriced += 1;
  else amount.dollars = (amount.dollars ?? 0) + dollars;
}

function merge(sum: CallSum, other: CallSum): void {
  for (const name of ["hits", "joined", "misses", "failures"] as const) sum[name] += other[name];
  for (const name of ["paid", "saved"] as const) {
    const [amount, added] = [sum[name], other[name]];
    amount.prompt += added.prompt;
    amount.completion += added.completion;
    amount.unpriced += added.unpriced;
    if (added.dollars !== undefined) amount.dollars = (amount.dollars ?? 0) + added.dollars;
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
