import { invalidOption, unknownOption } from "./errors/errors.ts";

/**
 * Refuses an option that nobody knows, by name: a misspelt one would otherwise be ignored in silence. For providers and
 * stores too; `satisfies Record<keyof YourOptions, true>` keeps the list complete.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function checkOptions(where: string, options: object, known: Readonly<Record<string, true>>): void {
  if (typeof options !== "object" || options === null) throw invalidOption(where, "options", "an object");
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(where, name, Object.keys(known));
  }
}

/** Refuses an option that is given and is not a whole number from `least` (1) that a timer can hold. */
export function checkCount(where: string, name: string, value: number | undefined, least = 1): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value < 2 ** 31)) return;
  throw invalidOption(where, name, `a whole number from ${least} to ${2 ** 31 - 1}`);
}
