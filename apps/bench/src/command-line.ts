import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Effort } from "./bench.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

export const USAGE: string = `npm run bench -- [options]

What a hit costs, beside the shortest correct code and beside other caches. It measures; nothing fails.

  --quick         under a minute, no figures to quote: fewer rounds, entries and processes; without hits and keys of
                  the longest prompts, files of 100,000 entries and more, and files of entries that are all as long
  --only <names>  these scenarios alone, with commas between
  --out <file>    write the results there as JSON, too
  --help          this text

Scenarios:
${SCENARIOS.map(({ id, about }) => `  ${id.padEnd(14)}  ${about}`).join("\n")}
`;

export interface CommandLine {
  readonly help: boolean;
  readonly effort: Effort;
  readonly scenarios: readonly Scenario[];
  /** A path. */
  readonly out?: string;
}

/** Throws an error in one line where they are wrong. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, only, out, help } = values;
  if (out !== undefined && !existsSync(dirname(resolve(out))))
    throw new Error(`--out ${out}: there is no such directory; make it first.`);
  return {
    help,
    effort: quick ? "quick" : "full",
    scenarios: only === undefined ? SCENARIOS : scenariosOf(only.split(",")),
    ...(out !== undefined && { out }),
  };
}

function scenariosOf(names: readonly string[]): Scenario[] {
  const ids = SCENARIOS.map(({ id }) => id);
  const unknown = names.find((name) => !ids.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such scenario, but ${ids.join(", ")}.`);
  return SCENARIOS.filter(({ id }) => names.includes(id));
}
