import { afterEach, expect, test, vi } from "vitest";
import { hasWalResetFix, loadSqlite } from "../../src/driver/node-sqlite.ts";

afterEach(() => void vi.restoreAllMocks());

test("only the warning that loading node:sqlite prints is suppressed", () => {
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

test("a runtime without node:sqlite is reported as the reason", () => {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  expect(loadSqlite).toThrow("This runtime has no node:sqlite.");
});

test("the WAL-reset fix is in 3.51.3 and later, and in late releases of two older lines", () => {
  for (const version of ["3.51.3", "3.51.4", "3.52.0", "3.53.4", "3.100.0", "4.0.0", "3.50.7", "3.50.10", "3.44.6"]) {
    expect([version, hasWalResetFix(version)]).toEqual([version, true]);
  }
  for (const version of ["3.51.2", "3.51.0", "3.50.6", "3.49.9", "3.45.0", "3.44.5", "3.43.9", "3.7.17", "2.8.17"]) {
    expect([version, hasWalResetFix(version)]).toEqual([version, false]);
  }
});
