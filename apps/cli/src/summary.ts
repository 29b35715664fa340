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
    ["tokens paid", tokens(stats.tokens.paid)],
    ["tokens saved", tokens(stats.tokens.saved)],
    ["time", `${(elapsedMs / 1_000).toFixed(2)} s`],
  ];
  return rows.map(([name, figure]) => `${name.padEnd(16)}${figure}`).join("\n");
}

function tokens({ prompt, completion }: TokenCount): string {
  return `${number(prompt)} in, ${number(completion)} out`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
