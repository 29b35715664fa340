import { InvalidArgumentError } from "commander";
import { parseJson } from "remem";
import type { Shard } from "../requests/read-requests.ts";

export function parameter(text: string, known: Record<string, unknown>): Record<string, unknown> {
  const [, name, json] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || json === undefined) throw new InvalidArgumentError("It must be name=json.");
  try {
    return { ...known, [name]: parseJson(json) };
  } catch {
    throw new InvalidArgumentError(`${JSON.stringify(json)} is not JSON; a string needs quotes: ${name}='"..."'.`);
  }
}

/** A whole number from 1. */
export const wholeNumber = (text: string): number => numberFrom(1, text);

/** A whole number from 0. */
export const count = (text: string): number => numberFrom(0, text);

/** An amount of money. */
export function amount(text: string): number {
  const number = Number(text.replace(/^\$/, "") || Number.NaN);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("It must be an amount in dollars, such as 2.50.");
}

/** A time in seconds, or a part of one. */
export function seconds(text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("It must be a number of seconds.");
}

/** A number of concurrent calls, or `auto`. */
export function concurrency(text: string): number | "auto" {
  return text === "auto" ? text : wholeNumber(text);
}

/** Adds names, separated by commas, to those of an earlier flag. */
export function names(text: string, known: readonly string[]): string[] {
  return [...known, ...listOf(text)];
}

/** The same for names of members and their new names: `expected,answer=reference`. */
export function renamings(text: string, known: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = listOf(text).map((item) => {
    const [, name, output] = /^(.+)=(.+)$/s.exec(item) ?? [];
    return name === undefined || output === undefined ? [item, item] : [name, output];
  });
  return { ...known, ...Object.fromEntries(pairs) };
}

/** A part of the lines: `3/8`. */
export function shard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const part = { index: Number(index), count: Number(count) };
  if (part.index >= 1 && part.index <= part.count) return part;
  throw new InvalidArgumentError("It must be a part of the whole, from 1/n to n/n, such as 3/8.");
}

function listOf(text: string): string[] {
  const items = text.split(",").map((item) => item.trim());
  if (items.includes("")) throw new InvalidArgumentError("It must be names, separated by commas.");
  return items;
}

function numberFrom(least: number, text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
}
