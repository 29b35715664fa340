import type { ClientStats, TokenCount } from "remem";

export interface Outcome {
  readonly answered: number;
  readonly failed: number;
  readonly stats: ClientStats;
  readonly elapsedMs: number;
}

/** Formats the result of a batch: one line per figure, after its name and at least two spaces. */
export function summarise({ answered, failed, stats, elapsedMs }: Outcome): string {
  const rows: Array<[name: string, figure: string]> = [
    ["answered", number(answered)],
    ["failed", number(failed)],
    ["hits", number(stats.hits)],
    ["joined", number(stats.joined)],
    ["misses", number(stats.misses)],
    ["provider calls", number(stats.providerCalls)],
    ...notStored(stats),
    ["tokens paid", tokens(stats.tokens.paid)],
    ["tokens saved", tokens(stats.tokens.saved)],
    ["time", `${(elapsedMs / 1_000).toFixed(2)} s`],
  ];
  return rows.map(([name, figure]) => `${name.padEnd(16)}${figure}`).join("\n");
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

function notStored({ notStored }: ClientStats): Array<[name: string, figure: string]> {
  const why = whyNotStored(notStored);
  return why === undefined ? [] : [["not stored", why]];
}

/** How many answers are not stored, and why; `undefined` where there are none. */
export function whyNotStored(notStored: ClientStats["notStored"]): string | undefined {
  const counts = Object.entries(notStored);
  if (counts.length === 0) return undefined;
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const reasons = counts.map(([reason, count]) => `${number(count)} ${REASONS[reason] ?? reason}`);
  return `${number(total)}, which cost again next time: ${reasons.join("; ")}`;
}

function tokens({ prompt, completion }: TokenCount): string {
  return `${number(prompt)} in, ${number(completion)} out`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
