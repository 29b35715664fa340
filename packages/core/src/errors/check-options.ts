import { invalidOption, unknownOption } from "./errors.ts";

/**
 * Refuses an unknown option by name: a misspelt one would otherwise be ignored silently. For providers and stores, too.
 * `satisfies Record<keyof YourOptions, true>` keeps the list complete.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function checkOptions(where: string, options: object, known: Readonly<Record<string, true>>): void {
  if (typeof options !== "object" || options === null) throw invalidOption(where, "options", "an object");
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(where, name, Object.keys(known));
  }
}

/**
 * Refuses an option that is not a whole number from `least` (1 by default) up to what a timer can hold. It may be left out.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function checkCount(where: string, name: string, value: number | undefined, least = 1): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value < 2 ** 31)) return;
  throw invalidOption(where, name, `a whole number from ${least} to ${2 ** 31 - 1}`);
}

/** The sum of the current time and a time to live must be a valid `Date`. */
const LONGEST_TTL_MS = 8.64e15 / 2;

/**
 * Refuses a time to live that is not a whole number of milliseconds from 1. Unlike the delay of a timer, it may be years.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function checkTtl(where: string, name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= LONGEST_TTL_MS)) return;
  throw invalidOption(where, name, "a whole number of milliseconds from 1");
}

/** Refuses an option that is not a provider or store of this version. */
export function checkContract(where: string, name: string, value: unknown, methods: readonly string[]): void {
  const member = (value ?? {}) as Record<string, unknown>;
  if (member.specVersion !== 1) throw invalidOption(where, name, "one of specVersion 1");
  for (const method of methods) {
    if (typeof member[method] !== "function") throw invalidOption(where, name, `an object with a method \`${method}\``);
  }
}
