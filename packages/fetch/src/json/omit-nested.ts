import { isMembers, type JsonObject } from "@remem/core/plugin";

/** Which members are left out or numbered, and where they are looked for. */
export interface NestedMembers {
  /** Members that cannot change the answer, or whose texts only tell things apart. */
  readonly names: ReadonlySet<string>;
  /**
   * Members whose objects and lists are entered. All others are left alone: a JSON Schema or the arguments of a call may have
   * members of any name, and those do change the answer.
   */
  readonly within: ReadonlySet<string>;
}

/** The body without members that stand in its messages, tools and the like. It shares with the body what has none of them. */
export function omitNested(body: JsonObject, { names, within }: NestedMembers): JsonObject {
  return changed(body, within, (name, member) => (names.has(name) ? undefined : member)) as JsonObject;
}

/**
 * The body with the texts of these members numbered in the order in which they first stand in it. Clients make up ids of calls
 * where the server gives none, so they differ from run to run, and only say which result belongs to which call.
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

/** Whether an object anywhere inside of a value fits. */
export function someObject(value: unknown, fits: (members: JsonObject) => boolean): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isMembers(value) && fits(value as JsonObject)) return true;
  return Object.values(value).some((member) => someObject(member, fits));
}
