import type { Row } from "../../wire.ts";

export type SortName = "when" | "model" | "tokens" | "cost" | "size";

const VALUES: Readonly<Record<SortName, (row: Row) => number | string>> = {
  when: ({ createdAt = 0 }) => createdAt,
  model: ({ model = "" }) => model,
  tokens: ({ tokens }) => (tokens?.prompt ?? 0) + (tokens?.completion ?? 0),
  cost: ({ dollars = 0 }) => dollars,
  size: ({ bytes }) => bytes,
};

/** An order by its name in the address: `cost`, or `-cost` with the greatest first. Undefined for one that is unknown. */
export function compareBy(sort: string): ((one: Row, other: Row) => number) | undefined {
  const name = sort.replace(/^-/, "");
  if (!Object.hasOwn(VALUES, name)) return undefined;
  const value = VALUES[name as SortName];
  const towards = sort.startsWith("-") ? -1 : 1;
  return (one, other) => {
    const [left, right] = [value(one), value(other)];
    return left === right ? 0 : left < right ? -towards : towards;
  };
}
