import { isMembers, type JsonObject } from "@remem/core/plugin";

/** Which members `omitNested` removes, and where it looks for them. */
export interface Omission {
  /** Members that cannot change the answer. */
  readonly names: ReadonlySet<string>;
  /**
   * Members whose objects and lists it enters. All others are left alone: a JSON Schema or the arguments of a call may have
   * members of any name, and those do change the answer.
   */
  readonly within: ReadonlySet<string>;
}

/** The body without members that stand in its messages, tools and the like. It shares with the body what has none of them. */
export function omitNested(body: JsonObject, omission: Omission): JsonObject {
  return without(body, omission) as JsonObject;
}

function without(value: unknown, omission: Omission): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => without(item, omission));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (!isMembers(value)) return value;
  let copy: { [name: string]: unknown } | undefined;
  for (const [name, member] of Object.entries(value)) {
    const kept = omission.within.has(name) ? without(member, omission) : member;
    const isOmitted = omission.names.has(name);
    if (kept === member && !isOmitted) continue;
    copy ??= { ...value };
    if (isOmitted) delete copy[name];
    else copy[name] = kept;
  }
  return copy ?? value;
}

/** Whether an object anywhere inside of a value fits. */
export function someObject(value: unknown, fits: (members: JsonObject) => boolean): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isMembers(value) && fits(value as JsonObject)) return true;
  return Object.values(value).some((member) => someObject(member, fits));
}
