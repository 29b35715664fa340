import { type VerifyReport, verifyEntries } from "@remem/inspect";
import { fetchSurfaces } from "remem";
import type { VerifyFlags } from "../flags/inspect-options.ts";
import { UsageError } from "../flags/usage-error.ts";
import { entryCount } from "../output/amounts.ts";
import { KEY_DIGITS } from "../output/entry-rows.ts";
import { standardOutput } from "../output/printer.ts";
import { number } from "../progress/figures.ts";
import { type Cache, withCache } from "./open-cache.ts";

/** Checks every entry. */
export async function verify({ repair = false, yes = false, ...flags }: VerifyFlags): Promise<number> {
  if (yes && !repair) throw new UsageError("verify: --yes goes with --repair.");
  const changes = repair && yes;
  const run = async ({ store }: Cache): Promise<number> => {
    const printer = standardOutput();
    // A terminal gets as much of a key as `remem show` needs.
    const shownKey = (key: string): string =>
      printer.columns === undefined ? printer.line(key) : printer.line(key).slice(0, KEY_DIGITS);
    let printed = Promise.resolve();
    const report = await verifyEntries(store, {
      surfaces: fetchSurfaces,
      repair: changes,
      onProblem({ key, kind, problem }) {
        const text = `${printer.style("cyan", shownKey(key))}  ${printer.style("red", kind)}: ${printer.line(problem)}\n`;
        printed = printed.then(() => printer.print(text));
        printed.catch(() => {}); // It is awaited below.
      },
    });
    await printed;
    await printer.print(summary(report));
    const { damaged, misplaced, removed } = report;
    if (repair) {
      await printer.print(`${yes ? "removed" : "would remove"} ${entryCount(yes ? removed : damaged)}\n`);
      if (!yes && damaged > 0 && printer.columns !== undefined) console.error("nothing is removed yet: add --yes");
    } else if (damaged > 0 && printer.columns !== undefined) {
      console.error("damaged entries are never hits; --repair removes them");
    }
    return misplaced > 0 || (damaged > 0 && !repair) ? 1 : 0;
  };
  return withCache(flags, run, { changes });
}

function summary({ entries, sound, unchecked, damaged, misplaced }: VerifyReport): string {
  const rows: ReadonlyArray<readonly [name: string, count: number, meaning: string]> = [
    ["entries", entries, ""],
    ["sound", sound, ""],
    ["Python", unchecked.python, "intact; tell no model to recompute keys"],
    ["no request", unchecked.withoutRequest, "intact; kept no request"],
    ["request lost", unchecked.lostRequest, "intact; the store has lost it"],
    ["other surface", unchecked.otherSurface, "intact; keys not recomputed"],
    ["newer version", unchecked.newerVersion, "not checked"],
    ["damaged", damaged, "never a hit"],
    ["misplaced", misplaced, "the key is not that of the request"],
  ];
  return rows
    .filter(([name, count]) => count > 0 || ["entries", "sound", "damaged"].includes(name))
    .map(
      ([name, count, meaning]) =>
        `${`${name.padEnd(15)}${number(count).padStart(9)}  ${count > 0 ? meaning : ""}`.trimEnd()}\n`,
    )
    .join("");
}
