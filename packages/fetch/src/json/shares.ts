import { isMembers, type JsonValue, type Members } from "@remem/core/plugin";

/** An equal share of each number in a value, such as the usage of an answer to several items. All shares together are the whole. */
export function shareOf<Value>(value: Value, place: number, count: number): Value;
export function shareOf(value: unknown, place: number, count: number): unknown {
  if (typeof value === "number") return Math.floor((value * (place + 1)) / count) - Math.floor((value * place) / count);
  if (Array.isArray(value)) return value.map((item) => shareOf(item, place, count));
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shareOf(member, place, count)]));
}

/** Adds numbers up, member by member. Of other values it keeps the first. It adds items of lists that differ only in their numbers. */
export function sumOf<Value>(values: readonly Value[]): Value;
export function sumOf(values: readonly unknown[]): unknown {
  const known = values.filter((value) => value !== undefined && value !== null);
  const [first] = known;
  if (typeof first === "number") return known.reduce<number>((sum, value) => sum + (Number(value) || 0), 0);
  if (Array.isArray(first)) {
    // With infinitely many shares, items differ only if their other values do.
    const alike = Map.groupBy(known.flat(), (item) => JSON.stringify(shareOf(item, 0, Number.POSITIVE_INFINITY)));
    return Array.from(alike.values(), sumOf);
  }
  if (!isMembers(first)) return first ?? (values[0] as JsonValue);
  const members = known.filter(isMembers);
  const names = new Set(members.flatMap(Object.keys));
  return Object.fromEntries(Array.from(names, (name) => [name, sumOf(members.map((one: Members) => one[name]))]));
}
