import { isMembers, type JsonObject } from "@remem/core/plugin";

/** The members to leave out or to number, and the members in which to look for them. */
export interface NestedMembers {
  /** Members that cannot change the answer, or whose texts are only ids. */
  readonly names: ReadonlySet<string>;
  /**
   * Members whose objects and lists are searched. All others are left alone: a JSON Schema or the arguments of a call may have
   * members of any name, and those do change the answer.
   */
  readonly within: ReadonlySet<string>;
}

/** Returns the body without these members in its messages, tools and the like. Parts that do not change are shared with the body. */
export function omitNested(body: JsonObject, { names, within }: NestedMembers): JsonObject {
  return changed(body, within, (name, member) => (names.has(name) ? undefined : member)) as JsonObject;
}

/**
 * Returns the body with the texts of these members numbered in the order of their first use. Clients make up ids of calls if
 * the server gives none. Such ids differ from run to run, and only connect a result with its call.
 */
export function numberIds(body: JsonObject, { names, within }: NestedMembers): JsonObject {
  const numbers = new Map<string, string>();
  return changed(body, within, (name, member) => {
    if (!names.has(name) || typeof member !== "string") return member;
    const number = numbers.get(member) ?? `id-${numbers.size}`;
    numbers.set(member, number);
    return number;
  }) as JsonObject;
}

/** The value with other members; `undefined` removes one. */
function changed(
  value: unknown,
  within: ReadonlySet<string>,
  change: (name: string, member: unknown) => unknown,
): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => changed(item, within, change));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (!isMembers(value)) return value;
  let copy: { [name: string]: unknown } | undefined;
  for (const [name, member] of Object.entries(value)) {
    const other = change(name, within.has(name) ? changed(member, within, change) : member);
    if (other === member) continue;
    copy ??= { ...value };
    if (other === undefined) delete copy[name];
    else copy[name] = other;
  }
  return copy ?? value;
}

/** Whether any object inside of a value satisfies `fits`. */
export function someObject(value: unknown, fits: (members: JsonObject) => boolean): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isMembers(value) && fits(value as JsonObject)) return true;
  return Object.values(value).some((member) => someObject(member, fits));
}
