import type { JsonValue } from "./chat.ts";
import { InvalidRequestError, RememError } from "./errors.ts";

const MAX_DEPTH = 512;

/**
 * A copy that holds nothing but JSON, each member read exactly once: what is keyed is then what is sent, whatever the
 * caller, a getter or a proxy does meanwhile.
 * @throws {InvalidRequestError} naming the path of what JSON would drop, rewrite or choke on.
 */
export function plainJson(value: unknown): JsonValue {
  const walk: Walk = { at: "", ancestors: [] };
  try {
    return copy(value, "", walk);
  } catch (error) {
    if (RememError.is(error)) throw error;
    throw new InvalidRequestError(walk.at, "cannot be read: it threw an error.", error);
  }
}

/** The JSON Pointer (RFC 6901) of a member. */
export function memberPath(parent: string, name: string | number): string {
  if (typeof name === "string" && /[~/]/.test(name)) name = name.replaceAll("~", "~0").replaceAll("/", "~1");
  return `${parent}/${name}`;
}

interface Walk {
  /** Where the walk is, for an error thrown by the value itself. */
  at: string;
  readonly ancestors: object[];
}

function copy(value: unknown, path: string, walk: Walk): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new InvalidRequestError(path, `is ${value}, which JSON cannot say.`);
      return value;
    case "object":
      if (value === null) return null;
      break;
    default:
      throw new InvalidRequestError(path, `is of type ${typeof value}, which JSON cannot say.`);
  }
  const { ancestors } = walk;
  if (ancestors.includes(value)) throw new InvalidRequestError(path, "contains itself.");
  if (ancestors.length >= MAX_DEPTH) throw new InvalidRequestError(path, `is nested deeper than ${MAX_DEPTH} levels.`);
  ancestors.push(value);
  const copied = Array.isArray(value) ? copyArray(value, path, walk) : copyObject(value, path, walk);
  ancestors.pop();
  return copied;
}

function copyArray(array: readonly unknown[], path: string, walk: Walk): JsonValue[] {
  const copied: JsonValue[] = [];
  for (let index = 0; index < array.length; index++) {
    const at = memberPath(path, index);
    walk.at = at;
    copied.push(copy(array[index], at, walk));
  }
  return copied;
}

function copyObject(object: object, path: string, walk: Walk): Record<string, JsonValue> {
  walk.at = path;
  if (!isPlain(object)) {
    throw new InvalidRequestError(
      path,
      `is a ${kindOf(object)}; only plain objects and arrays can be sent as they are.`,
    );
  }
  const copied: Record<string, JsonValue> = {};
  for (const name of Object.keys(object)) {
    const at = memberPath(path, name);
    walk.at = at;
    const member = (object as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const value = copy(member, at, walk);
    if (name === "__proto__") Object.defineProperty(copied, name, { value, enumerable: true, configurable: true });
    else copied[name] = value;
  }
  return copied;
}

/** `{}` of this realm or another, or an object without a prototype; no instance of a class. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function kindOf(object: object): string {
  const maker = (object as { constructor?: unknown }).constructor;
  return typeof maker === "function" && maker.name !== "" ? maker.name : "class instance";
}
