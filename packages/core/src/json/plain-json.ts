import { InvalidRequestError, RememError } from "../errors/errors.ts";
import { jsonPointer } from "./json-pointer.ts";
import type { JsonValue } from "./json-value.ts";
import { isRawJson, type RawJson } from "./raw-json.ts";

/** How deep requests and answers may be nested: far less than the stack allows, and more than any of them needs. */
export const MAX_DEPTH = 512;

/** Whether a JSON value is nested deeper than `MAX_DEPTH`. Copying or writing such a value may overflow the stack. */
export function isTooDeep(value: unknown, levels: number = MAX_DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}

/**
 * Copies a value that holds nothing but JSON, reading each member exactly once. The client then sends exactly what it has
 * keyed, even if the caller, a getter or a proxy changes the value meanwhile.
 * @throws {InvalidRequestError} with the path of a value that JSON would drop, rewrite or fail on
 */
export function plainJson(value: unknown, { signedZero = false }: PlainJsonOptions = {}): JsonValue {
  const walk: Walk = { path: [], ancestors: [], signedZero };
  try {
    return copy(value, walk);
  } catch (error) {
    if (RememError.is(error)) throw error;
    throw new InvalidRequestError(jsonPointer(walk.path), "cannot be read: it threw an error.", error);
  }
}

export interface PlainJsonOptions {
  /** Whether -0 stays -0. By default it becomes 0, as `JSON.stringify` writes it. */
  readonly signedZero?: boolean;
}

/** The position of the walk, also after an error was thrown. */
interface Walk {
  readonly signedZero: boolean;
  readonly path: Array<string | number>;
  readonly ancestors: object[];
}

function copy(value: unknown, walk: Walk): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw invalid(walk, `is ${value}, which JSON cannot represent.`);
      return value === 0 && !walk.signedZero ? 0 : value;
    case "object":
      if (value === null) return null;
      if (isRawJson(value)) return rawInteger(value, walk);
      break;
    case "bigint":
      throw invalid(
        walk,
        `is a bigint, which JSON cannot represent. Pass parseJson("${value}") of @remem/core instead.`,
      );
    default:
      throw invalid(walk, `is of type ${typeof value}, which JSON cannot represent.`);
  }
  const { ancestors } = walk;
  if (ancestors.includes(value)) throw invalid(walk, "contains itself.");
  if (ancestors.length >= MAX_DEPTH) throw invalid(walk, `is nested deeper than ${MAX_DEPTH} levels.`);
  ancestors.push(value);
  const copied = Array.isArray(value) ? copyArray(value, walk) : copyObject(value, walk);
  ancestors.pop();
  return copied;
}

/** The digits of a whole number that JavaScript would round. A smaller one becomes a number. */
function rawInteger(raw: RawJson, walk: Walk): JsonValue {
  if (!/^-?(0|[1-9]\d*)$/.test(raw.rawJSON)) throw invalid(walk, "is raw JSON of something else than a whole number.");
  const number = Number(raw.rawJSON);
  return Number.isSafeInteger(number) ? number + 0 : (raw as unknown as JsonValue);
}

function copyArray(array: readonly unknown[], walk: Walk): JsonValue[] {
  const copied: JsonValue[] = [];
  for (let index = 0; index < array.length; index++) {
    walk.path.push(index);
    copied.push(copy(array[index], walk));
    walk.path.pop();
  }
  return copied;
}

function copyObject(object: object, walk: Walk): Record<string, JsonValue> {
  if (!isPlain(object)) {
    throw invalid(walk, `is a ${kindOf(object)}; only plain objects and arrays can be sent as they are.`);
  }
  const copied = readMembers(object, walk);
  for (const name in copied) {
    const member = copied[name];
    if (typeof member === "string" || !Object.hasOwn(copied, name)) continue;
    if (member === undefined) {
      delete copied[name];
      continue;
    }
    walk.path.push(name);
    copied[name] = copy(member, walk);
    walk.path.pop();
  }
  return copied as Record<string, JsonValue>;
}

/** Reads each member once. A spread keeps the shape of the object, which is much faster than adding the members one by one. */
function readMembers(object: object, walk: Walk): Record<string, unknown> {
  try {
    return { ...object };
  } catch (error) {
    walk.path.push(...throwingMember(object));
    throw error;
  }
}

function throwingMember(object: object): string[] {
  return Object.keys(object)
    .filter((name) => {
      try {
        void (object as Record<string, unknown>)[name];
        return false;
      } catch {
        return true;
      }
    })
    .slice(0, 1);
}

function invalid({ path }: Walk, problem: string): InvalidRequestError {
  return new InvalidRequestError(jsonPointer(path), problem);
}

/** Whether it is a `{}` of any realm or has no prototype, and so is not an instance of a class. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function kindOf(object: object): string {
  const maker = (object as { constructor?: unknown }).constructor;
  return typeof maker === "function" && maker.name !== "" ? maker.name : "class instance";
}
