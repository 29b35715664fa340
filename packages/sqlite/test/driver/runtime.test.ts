import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { errorOf } from "../error-of.ts";

type Runtime = typeof import("../../src/driver/runtime.ts");

const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const oldest = engines.node.replace(">=", "");
const { versions } = process;
let runtime: Runtime;

beforeEach(async () => {
  vi.resetModules(); // A runtime is checked once.
  runtime = await import("../../src/driver/runtime.ts");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function pretend(others: Record<string, string | undefined>): void {
  vi.spyOn(process, "versions", "get").mockReturnValue({ ...versions, ...others } as NodeJS.ProcessVersions);
}

function withoutSqlite(): void {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
}

test("this runtime can serve", () => {
  runtime.requireLanguage();
  runtime.requireSqlite();
});

test("a Node without the language that remem is written in is named, with the one to use", () => {
  pretend({ node: "20.20.2" });
  vi.stubGlobal("JSON", {});
  expect(errorOf(runtime.requireLanguage)).toMatchObject({
    code: "INVALID_OPTION",
    message: `remem needs Node ${oldest} or later; this is v20.20.2.`,
  });
});

test("a Node whose node:sqlite is missing or too old is named, with the remedy", () => {
  pretend({ node: "22.13.0" });
  const message = `The store "sqlite" needs the node:sqlite of Node ${oldest} or later; this is Node v22.13.0. Update Node, or use another store, such as memoryStore().`;
  withoutSqlite();
  expect(errorOf(runtime.requireSqlite)).toMatchObject({ code: "INVALID_OPTION", message });
  vi.spyOn(process, "getBuiltinModule").mockReturnValue({ DatabaseSync: class {}, StatementSync: class {} } as never);
  expect(errorOf(runtime.requireSqlite)).toMatchObject({ message });
});

test("node:sqlite of a recent runtime is not loaded", () => {
  const load = vi.spyOn(process, "getBuiltinModule");
  runtime.requireSqlite();
  expect(load).not.toHaveBeenCalled();
});

test("a recent Node without SQLite is told apart from an old one", async () => {
  vi.doMock("node:module", () => ({ isBuiltin: () => false }));
  vi.resetModules();
  const { requireSqlite } = await import("../../src/driver/runtime.ts");
  vi.doUnmock("node:module");
  expect(errorOf(requireSqlite)).toMatchObject({ message: expect.stringContaining("was built or started without") });
});

test("Bun and Deno are named by their own versions", () => {
  withoutSqlite();
  pretend({ bun: "1.3.14" });
  expect(errorOf(runtime.requireSqlite)).toMatchObject({ message: expect.stringContaining("this is Bun 1.3.14") });
  pretend({ deno: "2.0.0" });
  expect(errorOf(runtime.requireSqlite)).toMatchObject({ message: expect.stringContaining("this is Deno 2.0.0") });
});

test("a Deno that may not ask the system is refused, with the flag to give", () => {
  pretend({ deno: "2.9.6" });
  const asked: string[] = [];
  let state = "prompt";
  const requestSync = ({ kind }: { kind: string }) => ({ state: asked.push(kind) && state });
  vi.stubGlobal("Deno", { permissions: { requestSync } });
  expect(errorOf(runtime.requireSqlite)).toMatchObject({
    message: expect.stringContaining("deno with --allow-sys=hostname,statfs,uid,"),
  });
  state = "granted";
  runtime.requireSqlite();
  expect(asked).toEqual(["hostname", "hostname", "statfs", "uid"]);
});

test("the store is refused when it is made, not with its first operation", async () => {
  pretend({ node: "22.13.0" });
  withoutSqlite();
  const { sqliteStore } = await import("../../src/index.ts");
  const path = join(temporaryDirectory(), "cache.sqlite");
  expect(errorOf(() => sqliteStore({ path }))).toMatchObject({ message: expect.stringContaining("Node v22.13.0") });
});
