import { InvalidRequestError } from "../errors/errors.ts";
import { type AsciiJson, addJson, addText, finishJson, isAscii, startJson } from "./ascii-json.ts";
import { jsonPointer } from "./json-pointer.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { plainJson } from "./plain-json.ts";
import { isRawJson } from "./raw-json.ts";

/** The options of `canonicalJson`. */
export interface CanonicalOptions {
  /**
   * Tells which integral numbers are floats in Python (`1.0`, not `1`), by JSON Pointer: JavaScript cannot tell them apart.
   * None by default.
   */
  readonly floats?: ((pointer: string) => boolean) | undefined;
}

/**
 * Writes the text that Python's `json.dumps(value, sort_keys=True)` gives, byte for byte: separated by `", "` and `": "`,
 * everything beyond ASCII escaped, members in the order of code points, floats as `repr` writes them.
 * @throws {InvalidRequestError} for what JSON cannot represent, naming its path.
 */
export function canonicalJson(value: JsonValue, options: CanonicalOptions = {}): string {
  const { floats } = options;
  const plain = plainJson(value, { signedZero: true });
  const isFloat = floats === undefined ? none : floatsAt(floats);
  const walk: Walk = { path: [], isFloat, json: startJson(), isExact: false };
  write(plain, walk);
  return finishJson(walk.json, (bytes) => bytes.toString("latin1"));
}

const none = (): boolean => false;

/** Whether the integral number at a path is a float. */
export type FloatsAt = (path: Path) => boolean;
type Path = ReadonlyArray<string | number>;

export function floatsAt(floats: (pointer: string) => boolean): FloatsAt {
  return (path) => floats(jsonPointer(path));
}

/**
 * Writes the canonical JSON of these members of a plain object, `null` for a member that it lacks. The buffer is reused after
 * `use` returns; do not retain it.
 * @throws {InvalidRequestError} for a whole number that JavaScript may have rounded
 */
export function canonicalMembers<T>(
  object: JsonObject,
  names: string[],
  isFloat: FloatsAt,
  use: (bytes: Buffer) => T,
): T {
  const walk: Walk = { path: [], isFloat, json: startJson(), isExact: true };
  writeMembers(object, names, walk);
  return finishJson(walk.json, use);
}

interface Walk {
  /** The path of the value that is being written. */
  readonly path: Array<string | number>;
  readonly isFloat: FloatsAt;
  readonly json: AsciiJson;
  /** Whether a whole number that JavaScript may have rounded is refused. */
  readonly isExact: boolean;
}

function write(value: JsonValue, walk: Walk): void {
  if (typeof value === "string") writeText(value, walk.json);
  else if (typeof value === "number") addJson(walk.json, isFloat(value, walk) ? float(value) : integer(value, walk));
  else if (value === null || typeof value === "boolean") addJson(walk.json, String(value));
  else if (isArray(value)) writeItems(value, walk);
  else if (isRawJson(value)) addJson(walk.json, value.rawJSON);
  else writeMembers(value, Object.keys(value), walk);
}

function writeAt(step: string | number, value: JsonValue, walk: Walk): void {
  if (typeof value === "string") {
    writeText(value, walk.json); // Most values are strings, and none of them needs the path.
    return;
  }
  walk.path.push(step);
  write(value, walk);
  walk.path.pop();
}

const isArray: (value: JsonValue) => value is readonly JsonValue[] = Array.isArray;

function writeItems(items: readonly JsonValue[], walk: Walk): void {
  let before = "[";
  for (let index = 0; index < items.length; index++) {
    addJson(walk.json, before);
    writeAt(index, items[index]!, walk);
    before = ", ";
  }
  addJson(walk.json, items.length === 0 ? "[]" : "]");
}

function writeMembers(object: JsonObject, names: string[], walk: Walk): void {
  let before = "{";
  for (const name of sorted(names)) {
    addJson(walk.json, before);
    writeName(name, walk.json);
    writeAt(name, object[name] ?? null, walk);
    before = ", ";
  }
  addJson(walk.json, names.length === 0 ? "{}" : "}");
}

/**
 * The JSON of names and short texts that recur, such as roles and models. They stay for the life of the process: the first 256
 * of each that are ASCII and have at most 32 characters.
 */
const labels = new Map<string, string>();
const texts = new Map<string, string>();
const MAX_KNOWN = 256;
const SHORT = 32;

function writeName(name: string, json: AsciiJson): void {
  const label = labels.get(name) ?? remember(labels, name, ": ");
  if (label !== undefined) addJson(json, label);
  else {
    addText(json, name);
    addJson(json, ": ");
  }
}

function writeText(text: string, json: AsciiJson): void {
  const known = text.length > SHORT ? undefined : (texts.get(text) ?? remember(texts, text, ""));
  if (known !== undefined) addJson(json, known);
  else addText(json, text);
}

function remember(known: Map<string, string>, text: string, after: string): string | undefined {
  if (known.size >= MAX_KNOWN || text.length > SHORT || !isAscii(text)) return undefined;
  const json = JSON.stringify(text) + after;
  known.set(text, json);
  return json;
}

/** Tells floats as Python does when it reads the JSON text: by a fraction or an exponent. */
function isFloat(value: number, { path, isFloat }: Walk): boolean {
  return !Number.isInteger(value) || Math.abs(value) >= 1e21 || isFloat(path);
}

/** Beyond 2^53 JavaScript rounds: two requests would have one key, and neither would be sent as it was written. */
function integer(value: number, { path, isExact }: Walk): string {
  if (!isExact || Number.isSafeInteger(value)) return String(value);
  throw new InvalidRequestError(
    jsonPointer(path),
    "is a whole number beyond 2^53, which JavaScript rounds. Read it with parseJson of @remem/core, which keeps its digits.",
  );
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

/** Sorts a few names, which are often in order already, by insertion: `sort` takes longer to start. */
function sorted(names: string[]): string[] {
  if (names.length > FEW) return names.sort(byCodePoint);
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    if (!labels.has(name) && SURROGATE.test(name)) return names.sort(byCodePoint);
    let place = index;
    for (; place > 0 && names[place - 1]! > name; place--) names[place] = names[place - 1]!;
    names[place] = name;
  }
  return names;
}

/** JavaScript compares UTF-16 units. In texts with surrogates their order differs from that of code points. */
function byCodePoint(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let index = 0; index < left.length && index < right.length; index++) {
    const difference = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
