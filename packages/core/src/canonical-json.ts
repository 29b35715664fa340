import type { JsonValue } from "./chat.ts";
import { memberPath, plainJson } from "./plain-json.ts";

export interface CanonicalOptions {
  /** Which integral numbers are floats in Python (`1.0`, not `1`), by JSON Pointer: JavaScript cannot tell them apart. None by default. */
  readonly floats?: (pointer: string) => boolean;
}

/**
 * The text that Python's `json.dumps(value, sort_keys=True)` gives, byte for byte: `", "` and `": "` between, everything
 * beyond ASCII escaped, members in the order of code points, floats as `repr` writes them.
 * @throws {InvalidRequestError} for what JSON cannot say, naming its path.
 */
export function canonicalJson(value: JsonValue, options: CanonicalOptions = {}): string {
  return writeCanonical(plainJson(value), options.floats ?? none);
}

const none = (): boolean => false;

/** `canonicalJson` of a value that is known to be plain. */
export function writeCanonical(value: JsonValue, floats: (pointer: string) => boolean): string {
  return write(value, "", floats);
}

function write(value: JsonValue, path: string, floats: (pointer: string) => boolean): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return isFloat(value, path, floats) ? float(value) : String(value);
    case "boolean":
      return value ? "true" : "false";
  }
  if (value === null) return "null";
  let text = "";
  if (isArray(value)) {
    for (const [index, item] of value.entries()) {
      text += (index === 0 ? "" : ", ") + write(item, memberPath(path, index), floats);
    }
    return `[${text}]`;
  }
  for (const name of sorted(Object.keys(value))) {
    const member = value[name] as JsonValue;
    text += `${text === "" ? "" : ", "}${quote(name)}: ${write(member, memberPath(path, name), floats)}`;
  }
  return `{${text}}`;
}

const isArray: (value: JsonValue) => value is readonly JsonValue[] = Array.isArray;

/** JSON.stringify escapes what Python does below 0x80, lone surrogates included, except DEL. */
function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return /[\x7f-\uffff]/.test(quoted) ? quoted.replace(/[\x7f-\uffff]/g, escapeUnit) : quoted;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A number is what its JSON text says: one with a fraction or an exponent is read as a float. */
function isFloat(value: number, path: string, floats: (pointer: string) => boolean): boolean {
  return !Number.isInteger(value) || Math.abs(value) >= 1e21 || floats(path);
}

/** Python's `repr(float)`: both languages print the fewest digits that read back the same, and differ in layout alone. */
function float(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (Number.isInteger(value)) return `${value}.0`;
  return String(value);
}

function sorted(names: string[]): string[] {
  // The default order is that of UTF-16 units; it differs from Python's only where there are surrogates.
  return names.some((name) => /[\ud800-\udfff]/.test(name)) ? names.sort(byCodePoint) : names.sort();
}

function byCodePoint(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let index = 0; index < left.length && index < right.length; index++) {
    const difference = (left[index] as string).codePointAt(0)! - (right[index] as string).codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
