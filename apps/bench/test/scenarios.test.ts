import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { figureIn, type Table } from "../src/report/table.ts";
import type { Scenario } from "../src/scenario.ts";
import { coldStart } from "../src/scenarios/cold-start.ts";
import { contended } from "../src/scenarios/contended.ts";
import { miss } from "../src/scenarios/miss.ts";
import { processes } from "../src/scenarios/processes.ts";
import { writes } from "../src/scenarios/writes.ts";

const root = mkdtempSync(join(tmpdir(), "remem-bench-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const found = new Map<Scenario, Promise<Table[]>>();

/** Of a quick look, which is had once. */
function tablesOf(scenario: Scenario): Promise<Table[]> {
  const tables = found.get(scenario) ?? run(scenario);
  found.set(scenario, tables);
  return tables;
}

async function run(scenario: Scenario): Promise<Table[]> {
  const directory = (): string => mkdtempSync(join(root, "run-"));
  const tables: Table[] = [];
  for await (const table of scenario.run({ quick: true, directory, redisUrl: undefined, progress() {} })) {
    tables.push(table);
  }
  return tables;
}

describe.each([processes, writes, contended, miss, coldStart])("$id", { timeout: 180_000 }, (scenario) => {
  test("has a figure in every cell, and one for every aim", async () => {
    const tables = await tablesOf(scenario);
    expect(tables).not.toEqual([]);
    for (const table of tables) {
      const missing = table.rows.flatMap(({ name }) =>
        Object.keys(table.columns)
          .filter((column) => !Number.isFinite(figureIn(table, name, column)))
          .map((column) => `${table.id}: ${name}, ${column}`),
      );
      expect(missing).toEqual([]);
      const unmet = table.aims?.filter(({ row, column }) => figureIn(table, row, column) === undefined);
      expect(unmet ?? []).toEqual([]);
    }
  });
});

test("nothing is lost of what eight processes write to one file", async () => {
  const [table] = await tablesOf(writes);
  expect(figureIn(table!, "remem", "lost")).toBe(0);
});

test("eight processes that ask the same questions at once pay for each of them once", async () => {
  const [table] = await tablesOf(contended);
  expect(figureIn(table!, "remem", "calls")).toBe(50);
});
