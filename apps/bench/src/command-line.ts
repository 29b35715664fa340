import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Effort } from "./bench.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

export const USAGE: string = `npm run bench -- [options]

Measures what a hit costs, compared to the shortest correct code and to other caches. No result is a failure.

  --quick         takes less than a minute; do not quote its figures. Fewer rounds, entries and processes; no hits and
                  keys of the longest prompts, no files of 100,000 or more entries, no files of entries of one length
  --only <names>  run only these scenarios, separated by commas
  --out <file>    also write the results to a file, as JSON
  --help          print this text

Scenarios:
${SCENARIOS.map(({ id, about }) => `  ${id.padEnd(14)}  ${about}`).join("\n")}
`;

export interface CommandLine {
  readonly help: boolean;
  readonly effort: Effort;
  readonly scenarios: readonly Scenario[];
  /** The path of a file for the results. */
  readonly out?: string;
}

/** @throws an error with a message of one line for invalid arguments */
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
    throw new Error(`--out ${out}: the directory does not exist. Create it first.`);
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
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such scenario. Use ${ids.join(", ")}.`);
  return SCENARIOS.filter(({ id }) => names.includes(id));
}
