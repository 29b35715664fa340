import type { Takes } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "./table.ts";

const BARE = { name: "bare", title: "x bare" };

/** The columns and rows for hits one by one, relative to the floor and, if measured, to a second one. */
export function tableOfHits(
  takes: ReadonlyMap<string, Takes>,
  nameOfFloor = "floor",
  second: { readonly name: string; readonly title: string } = BARE,
): Pick<Table, "columns" | "rows"> {
  const floor = takes.get(nameOfFloor)!;
  const bare = takes.get(second.name);
  return {
    columns: {
      ratio: { title: "x floor" },
      ...(bare !== undefined && { bareRatio: { title: second.title } }),
      wall: { title: "us", digits: 1 },
      cpu: { title: "CPU us", digits: 1 },
      p99: { title: "p99 us", digits: 0 },
    },
    rows: Array.from(takes, ([name, { wallUs, cpuUs, eachUs }]) => ({
      name,
      cells: {
        ratio: spreadOf(ratios(wallUs, floor.wallUs)),
        bareRatio: bare && spreadOf(ratios(wallUs, bare.wallUs)),
        wall: spreadOf(wallUs).median,
        cpu: spreadOf(cpuUs).median,
        p99: quantile(eachUs, 0.99),
      },
    })),
  };
}
