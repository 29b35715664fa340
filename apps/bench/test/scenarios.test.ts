import { afterAll, describe, expect, test } from "vitest";
import { openBench } from "../src/bench.ts";
import { figureIn, type Table } from "../src/report/table.ts";
import type { Scenario } from "../src/scenario.ts";
import { SCENARIOS } from "../src/scenarios.ts";

const bench = await openBench("least");
afterAll(() => bench.end());

/** Those that need no Redis. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  key: ["key/1KB"],
  hit: ["hit/memory/1KB", "hit/sqlite/1KB", "hit/tiered/1KB"],
  journal: ["journal/memory/1KB", "journal/sqlite/1KB"],
  clients: ["clients/1KB"],
  gateway: ["gateway", "gateway/long"],
  embeddings: ["embeddings"],
  batch: ["batch/memory/hits", "batch/memory/repeats", "batch/sqlite/hits", "batch/sqlite/repeats"],
  "long-batch": ["long-batch/inferEach", "long-batch/batchInfer"],
  "large-store": ["large-store/5", "large-store/10"],
  footprint: ["footprint/disk/spread", "footprint/memory"],
  processes: ["processes"],
  writes: ["writes"],
  contended: ["contended/sqlite"],
  miss: ["miss/memory", "miss/sqlite"],
  "cold-start": ["cold-start"],
};
const WITH_REDIS: typeof TABLES = {
  hit: ["hit/redis/1KB"],
  batch: ["batch/redis/hits", "batch/redis/repeats"],
  contended: ["contended/redis"],
  miss: ["miss/redis"],
};

/** What holds even for the least effort. */
const FIGURES: Readonly<Record<string, (figure: (row: string, column: string) => number | undefined) => void>> = {
  writes(figure) {
    expect(figure("floor", "lost")).toBe(0);
    expect(figure("remem", "lost")).toBe(0);
  },
  "contended/sqlite"(figure) {
    expect(figure("remem", "calls")).toBe(50);
  },
  embeddings(figure) {
    expect(figure("cachedFetch, all stored", "asked")).toBe(0);
    expect(figure("cachedFetch, 1 % new", "asked")).toBe(1);
  },
  gateway(figure) {
    expect(figure("gateway, memory", "errors")).toBe(0);
    expect(figure("gateway, SQLite", "errors")).toBe(0);
    expect(figure("gateway, memory, first byte of a stream", "errors")).toBe(0);
  },
  "gateway/long"(figure) {
    expect(figure("gateway, memory", "errors")).toBe(0);
    expect(figure("gateway, SQLite", "errors")).toBe(0);
  },
  "batch/sqlite/repeats"(figure) {
    expect(figure("remem, at once", "calls")).toBe(5);
  },
  "footprint/disk/spread"(figure) {
    expect(figure("remem", "bytes")).toBeGreaterThan(figure("remem, compressed", "bytes")!);
  },
};

describe.concurrent.each([...SCENARIOS])("$id", (scenario) => {
  test("has its tables, with a figure in every cell and for every aim", async () => {
    const tables = await tablesOf(scenario);
    const expected = [...TABLES[scenario.id]!, ...((bench.redis && WITH_REDIS[scenario.id]) ?? [])];
    expect(tables.map(({ id }) => id).sort()).toEqual(expected.sort());
    for (const table of tables) {
      const cells = table.rows.flatMap(({ name }) =>
        Object.keys(table.columns).map((column) => [name, column] as const),
      );
      const aims = (table.aims ?? []).map(({ row, column }) => [row, column] as const);
      const empty = [...cells, ...aims].filter(([row, column]) => !Number.isFinite(figureIn(table, row, column)));
      expect(empty, table.id).toEqual([]);
      expect(table.rows.length, table.id).toBeGreaterThan(0);
      FIGURES[table.id]?.((row, column) => figureIn(table, row, column));
    }
  });
});

async function tablesOf(scenario: Scenario): Promise<Table[]> {
  const tables: Table[] = [];
  for await (const table of scenario.run(bench)) tables.push(table);
  return tables;
}
