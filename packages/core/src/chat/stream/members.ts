/** An object without a prototype, because members may have any name. */
export type Members = Record<string, unknown>;

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** Whether a value is an object with members: neither null nor a list. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; none if the value is not a list. */
export function membersOf(list: unknown): Members[] {
  return Array.isArray(list) ? list.filter(isMembers) : [];
}

export function emptyMembers(): Members {
  return Object.create(null);
}
