import type { JsonValue } from "./chat.ts";
import { jsonPointer } from "./json-pointer.ts";
import { plainJson } from "./plain-json.ts";

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
  return toAscii(write(plainJson(value), { path: [], floats: options.floats ?? none }));
}

const none = (): boolean => false;

/** `canonicalJson` of these members of an object that is known to be plain: `null` where it has none of the name. */
export function writeCanonicalMembers(
  object: JsonObject,
  names: string[],
  floats: (pointer: string) => boolean,
): string {
  return toAscii(`{${writeMembers(object, names, { path: [], floats })}}`);
}

type JsonObject = { readonly [name: string]: JsonValue | undefined };

interface Walk {
  /** What leads to the value that is written. */
  readonly path: Array<string | number>;
  readonly floats: (pointer: string) => boolean;
}

function write(value: JsonValue, walk: Walk): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return isFloat(value, walk) ? float(value) : String(value);
    case "boolean":
      return value ? "true" : "false";
  }
  if (value === null) return "null";
  return isArray(value) ? `[${writeItems(value, walk)}]` : `{${writeMembers(value, Object.keys(value), walk)}}`;
}

function writeAt(step: string | number, value: JsonValue, walk: Walk): string {
  if (typeof value === "string") return JSON.stringify(value); // Most are, and no path leads further.
  walk.path.push(step);
  const text = write(value, walk);
  walk.path.pop();
  return text;
}

const isArray: (value: JsonValue) => value is readonly JsonValue[] = Array.isArray;

function writeItems(items: readonly JsonValue[], walk: Walk): string {
  let text = "";
  let separator = "";
  for (let index = 0; index < items.length; index++) {
    text += separator + writeAt(index, items[index]!, walk);
    separator = ", ";
  }
  return text;
}

function writeMembers(object: JsonObject, names: string[], walk: Walk): string {
  let text = "";
  let separator = "";
  for (const name of sorted(names)) {
    text += separator + labelOf(name) + writeAt(name, object[name] ?? null, walk);
    separator = ", ";
  }
  return text;
}

/** The same few names come again and again. */
const labels = new Map<string, string>();
const MOST_LABELS = 256;

function labelOf(name: string): string {
  const known = labels.get(name);
  if (known !== undefined) return known;
  const label = `${JSON.stringify(name)}: `;
  if (labels.size < MOST_LABELS) labels.set(name, label);
  return label;
}

/** A number is what its JSON text says: one with a fraction or an exponent is read as a float. */
function isFloat(value: number, { path, floats }: Walk): boolean {
  return !Number.isInteger(value) || Math.abs(value) >= 1e21 || floats(jsonPointer(path));
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

const SURROGATE = /[\ud800-\udfff]/;

const FEW = 16;

/** A few names, often in order already, are sorted by insertion before `sort` has begun. */
function sorted(names: string[]): string[] {
  if (names.length > FEW) return names.sort(byCodePoint);
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    if (SURROGATE.test(name)) return names.sort(byCodePoint);
    let place = index;
    for (; place > 0 && names[place - 1]! > name; place--) names[place] = names[place - 1]!;
    names[place] = name;
  }
  return names;
}

/** JavaScript compares UTF-16 units, which is the same only where there are no surrogates. */
function byCodePoint(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let index = 0; index < left.length && index < right.length; index++) {
    const difference = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** JSON.stringify escapes what Python does up to DEL, lone surrogates included. What is left can only be within strings. */
function toAscii(json: string): string {
  // Both look at many characters at a time.
  const beyond = Buffer.byteLength(json) - json.length;
  if (beyond === 0 && !json.includes("\x7f")) return json;
  return beyond < json.length / 16 ? json.replace(/[\x7f-\uffff]/g, escaped) : escapedThroughout(json);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const HEX = Buffer.from("0123456789abcdef");

/** For texts in other scripts: a call for each of their characters takes ten times as long. */
function escapedThroughout(json: string): string {
  const bytes = Buffer.allocUnsafe(json.length * "\\u0000".length);
  let length = 0;
  for (let index = 0; index < json.length; index++) {
    const unit = json.charCodeAt(index);
    if (unit < 0x7f) {
      bytes[length++] = unit;
    } else {
      bytes[length++] = 0x5c; // \
      bytes[length++] = 0x75; // u
      bytes[length++] = HEX[unit >> 12]!;
      bytes[length++] = HEX[(unit >> 8) & 15]!;
      bytes[length++] = HEX[(unit >> 4) & 15]!;
      bytes[length++] = HEX[unit & 15]!;
    }
  }
  return bytes.toString("latin1", 0, length);
}
