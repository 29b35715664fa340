import { hash } from "node:crypto";
import type { CacheKeyOptions } from "../contracts/call.ts";
import type { Surface } from "../contracts/surface.ts";
import { InvalidRequestError, invalidOption, requestTooLarge } from "../errors/errors.ts";
import { canonicalMembers, type FloatsAt, floatsAt } from "../json/canonical-json.ts";
import { jsonPointer } from "../json/json-pointer.ts";
import type { JsonObject } from "../json/json-value.ts";

/** The facts in the key besides the members of the request. With them, a key can be recomputed from its entry alone. */
export interface KeyFacts {
  /** Left out for Chat Completions. */
  readonly surface?: string;
  /** The scope of the model, if it is in the key. */
  readonly scope?: string;
  /** The n-th independent answer; left out for the first. */
  readonly sample?: number;
  /** The integral numbers that were keyed as floats, by JSON Pointer, where the caller's `floats` differs from the surface's. */
  readonly floats?: readonly string[];
}

/** The part of a surface that decides keys. */
type KeyRules = Pick<Surface, "name" | "isImplicit" | "unkeyed" | "alwaysKeyed" | "defaults" | "floats">;

/** The member that holds the facts in the keyed JSON, and in the request of an entry. No request may have a member of this name. */
const RESERVED = "remem";

/**
 * The key of a request that is plain JSON: SHA-256, in hex, of its canonical JSON. It contains all members except those that
 * the surface leaves out. So a parameter that is new or unknown can cost a call, but never a wrong answer.
 */
export function surfaceKey(
  surface: KeyRules,
  request: JsonObject,
  options: CacheKeyOptions,
  maxBytes: number = Number.POSITIVE_INFINITY,
): string {
  const { scope, sample = 0, floats } = options;
  if (!(Number.isSafeInteger(sample) && sample >= 0)) {
    throw invalidOption("cacheKey", "sample", "a whole number from 0");
  }
  if (request[RESERVED] !== undefined) {
    throw new InvalidRequestError(`/${RESERVED}`, "is reserved: remem keeps its own facts under this name.");
  }
  const { unkeyed, alwaysKeyed = NO_NAMES, defaults, isImplicit } = surface;
  const names = [...alwaysKeyed];
  for (const name of Object.keys(request)) {
    if (alwaysKeyed.includes(name) || unkeyed.has(name)) continue;
    if (defaults === undefined || defaults[name] !== request[name]) names.push(name);
  }
  let keyed = request;
  if (!isImplicit || scope !== undefined || sample > 0) {
    keyed = { ...request, [RESERVED]: factsOf(surface, { scope, sample }) };
    names.push(RESERVED);
  }
  const { floats: floatNames = NO_NAMES } = surface;
  const isFloat: FloatsAt =
    floats === undefined ? (path) => path.length === 1 && floatNames.includes(path[0] as string) : floatsAt(floats);
  return canonicalMembers(keyed, names, isFloat, (bytes) => {
    if (bytes.length > maxBytes) throw requestTooLarge(bytes.length, maxBytes);
    return hash("sha256", bytes);
  });
}

const NO_NAMES: readonly string[] = [];

/** The request with its facts under the reserved name, as an entry keeps it. Without facts it is the request itself. */
export function withKeyFacts(surface: KeyRules, request: JsonObject, options: CacheKeyOptions): JsonObject {
  const floats = options.floats && floatsIn(request, options.floats);
  const isDefault = floats === undefined || floats.join() === defaultFloatsIn(request, surface).join();
  const facts = { ...factsOf(surface, options), ...(!isDefault && { floats }) };
  return Object.keys(facts).length === 0 ? request : { ...request, [RESERVED]: facts };
}

/** Undoes `withKeyFacts`. */
export function splitKeyFacts(keyed: JsonObject): { readonly request: JsonObject; readonly facts: KeyFacts } {
  const { [RESERVED]: facts = {}, ...request } = keyed;
  return { request, facts: facts as KeyFacts };
}

/** Recomputes the key from the parts that `splitKeyFacts` returns. */
export function recomputedKey(surface: KeyRules, request: JsonObject, facts: KeyFacts): string {
  const { scope, sample, floats } = facts;
  return surfaceKey(surface, request, { scope, sample, floats: floats && ((pointer) => floats.includes(pointer)) });
}

function factsOf({ name, isImplicit }: KeyRules, { scope, sample = 0 }: CacheKeyOptions): Omit<KeyFacts, "floats"> {
  return {
    ...(!isImplicit && { surface: name }),
    ...(scope !== undefined && { scope }),
    ...(sample > 0 && { sample }),
  };
}

function defaultFloatsIn(request: JsonObject, { floats = NO_NAMES }: KeyRules): string[] {
  return floatsIn(request, (pointer) => floats.some((name) => pointer === jsonPointer([name])));
}

function floatsIn(value: unknown, isFloat: (pointer: string) => boolean, path: readonly string[] = []): string[] {
  if (typeof value === "number") {
    const pointer = jsonPointer(path);
    return Number.isInteger(value) && isFloat(pointer) ? [pointer] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => floatsIn(member, isFloat, [...path, name]));
}
