import type { GatewayStats } from "@remem/gateway";
import type { CallAmount, CallTally } from "@remem/inspect";

/** The outcome of a gateway, as processes exchange it. */
export interface GatewayOutcome {
  readonly gateway: GatewayStats;
  /** The tokens and the money that were paid. */
  readonly paid: CallAmount;
  /** The tokens and the money that hits and joined calls have saved. */
  readonly saved: CallAmount;
  /** How many paid answers have no known price, by model. */
  readonly unpriced: Readonly<Record<string, number>>;
}

export function outcomeOf(gateway: GatewayStats, { total, byModel }: CallTally): GatewayOutcome {
  const unpriced = [...byModel].map(([model, { paid }]) => [model, paid.unpriced] as const);
  const { paid, saved } = total;
  return { gateway, paid, saved, unpriced: Object.fromEntries(unpriced.filter(([, count]) => count > 0)) };
}

/** Adds up the outcomes of several processes. Undefined for none. */
export function sumOf(outcomes: readonly GatewayOutcome[]): GatewayOutcome | undefined {
  const [first, ...others] = outcomes;
  // All members are numbers, by name.
  return first && others.reduce((sum, outcome) => added(sum, outcome), first);
}

type Figure = number | { readonly [name: string]: Figure } | undefined;

function added<Sum extends object>(sum: Sum, other: Sum): Sum {
  const names = new Set([...Object.keys(sum), ...Object.keys(other)]);
  const [one, two] = [sum, other] as ReadonlyArray<Readonly<Record<string, Figure>>>;
  return Object.fromEntries(Array.from(names, (name) => [name, figureOf(one![name], two![name])])) as Sum;
}

function figureOf(one: Figure, other: Figure): Figure {
  if (one === undefined || other === undefined) return one ?? other;
  if (typeof one === "number") return one + (other as number);
  return added(one, other as typeof one);
}
