import { afterEach, expect, test, vi } from "vitest";
import { loadSqlite } from "../../src/driver/node-sqlite.ts";

afterEach(() => void vi.restoreAllMocks());

test("the warning that loading node:sqlite prints is kept back, and every other one passes", () => {
  const shown = vi.spyOn(process, "emitWarning").mockReturnValue();
  const { getBuiltinModule } = process;
  vi.spyOn(process, "getBuiltinModule").mockImplementation((id: string) => {
    process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning");
    process.emitWarning("Something else is an experimental feature", "ExperimentalWarning");
    process.emitWarning("SQLite is fine", { type: "Warning", code: "X" });
    return getBuiltinModule(id) as never;
  });
  loadSqlite();
  process.emitWarning("SQLite again, but later", "ExperimentalWarning");
  expect(shown.mock.calls).toEqual([
    ["Something else is an experimental feature", "ExperimentalWarning"],
    ["SQLite is fine", { type: "Warning", code: "X" }],
    ["SQLite again, but later", "ExperimentalWarning"],
  ]);
});

test("a Node that was built without SQLite is named as the reason", () => {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  expect(loadSqlite).toThrow(/This build of Node .* without node:sqlite/);
});
