import type { ClientStats, TokenCount } from "remem";
import type { Cost } from "../spending/cost.ts";
import { dollars, number } from "./figures.ts";

export interface Outcome {
  readonly answered: number;
  readonly failed: number;
  readonly stats: ClientStats;
  readonly cost: Pick<Cost, "dollars" | "unknown">;
  readonly elapsedMs: number;
}

/** A figure after its name; without one, the row is left out. */
export type Row = readonly [name: string, figure: string | undefined];

/** Formats the result of a batch. */
export function summarise({ answered, failed, ...others }: Outcome): string {
  return table([["answered", number(answered)], ["failed", number(failed)], ...rowsOf(others)]);
}

/** The rows about the cache. */
export function rowsOf({ stats, cost, elapsedMs }: Pick<Outcome, "stats" | "cost" | "elapsedMs">): Row[] {
  return [
    ["hits", number(stats.hits)],
    ["joined", number(stats.joined)],
    ["misses", number(stats.misses)],
    ["provider calls", number(stats.providerCalls)],
    ["not stored", whyNotStored(stats.notStored)],
    ["tokens paid", tokens(stats.tokens.paid)],
    ["tokens saved", tokens(stats.tokens.saved)],
    ["cost", costOf(cost)],
    ["time", `${(elapsedMs / 1_000).toFixed(2)} s`],
  ];
}

/** One line per figure, after its name and at least two spaces. */
export function table(rows: readonly Row[]): string {
  const shown = rows.filter(([, figure]) => figure !== undefined);
  return shown.map(([name, figure]) => `${name.padEnd(16)}${figure}`).join("\n");
}

/** The reasons of `stats().notStored`. */
const REASONS: Readonly<Record<string, string>> = {
  "finish-reason": "not complete (see finish_reason)",
  "no-content": "without content",
  "invalid-tool-call": "with a broken tool call",
  "invalid-json": "not JSON, though JSON was asked for",
  "too-large": "too large",
  "store-error": "since the store failed",
};

/** The number of answers that are not stored, and why; `undefined` if there are none. */
export function whyNotStored(notStored: ClientStats["notStored"]): string | undefined {
  const counts = Object.entries(notStored);
  if (counts.length === 0) return undefined;
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const reasons = counts.map(([reason, count]) => `${number(count)} ${REASONS[reason] ?? reason}`);
  return `${number(total)}, which cost again next time: ${reasons.join("; ")}`;
}

function costOf(cost: Outcome["cost"]): string | undefined {
  const known = cost.dollars();
  const unknown = Array.from(cost.unknown(), ([model, count]) => `${number(count)} of ${JSON.stringify(model)}`);
  const without = `${unknown.join(", ")}, whose price is unknown`;
  if (known === undefined) return unknown.length === 0 ? undefined : `unknown: ${without}`;
  return `${dollars(known)} by list prices${unknown.length === 0 ? "" : `, without ${without}`}`;
}

function tokens({ prompt, completion }: TokenCount): string {
  return `${number(prompt)} in, ${number(completion)} out`;
}
