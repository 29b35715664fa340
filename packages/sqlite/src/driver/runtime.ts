import { isBuiltin } from "node:module";
import { RememError } from "@remem/core/plugin";
import { loadSqlite } from "./node-sqlite.ts";

/** The first version of each runtime that the suites have passed in. */
const OLDEST = { Node: "22.23.3", Bun: "1.4.0", Deno: "2.9.6" } as const;

/** The facts that this package asks the system for, by Deno's names. */
const DENO_FACTS = ["hostname", "statfs", "uid"] as const;

interface DenoPermissions {
  requestSync(descriptor: { readonly name: "sys"; readonly kind: string }): { readonly state: string };
}

interface Runtime {
  readonly name: keyof typeof OLDEST;
  readonly version: string;
}

/**
 * Refuses a runtime without the language features that remem uses. Called on import, because later errors would not name the
 * reason.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function requireLanguage(): void {
  if ("rawJSON" in JSON && "withResolvers" in Promise) return;
  const { name, version } = runtime();
  throw new RememError("INVALID_OPTION", `remem needs ${name} ${OLDEST[name]} or later; this is ${version}.`);
}

let isUsable = false;

/**
 * Refuses a runtime with an unsuitable SQLite. Otherwise every operation would fail, and every call would be paid for. Loads
 * `node:sqlite` only in a runtime that is older than those that the suites have passed in.
 * @throws {RememError} with code `INVALID_OPTION`, the runtime and the remedy
 */
export function requireSqlite(): void {
  if (isUsable) return;
  const problem = problemWithSqlite();
  if (problem !== undefined) {
    throw new RememError(
      "INVALID_OPTION",
      `The store "sqlite" ${problem}, or use another store, such as memoryStore().`,
    );
  }
  isUsable = true;
}

function problemWithSqlite(): string | undefined {
  const { name, version } = runtime();
  if (!hasSqlite({ name, version })) {
    const isRecent = isAtLeast(version, OLDEST[name]);
    if (isRecent)
      return `needs node:sqlite, which this ${name} ${version} was built or started without. Use another build`;
    return `needs the node:sqlite of ${name} ${OLDEST[name]} or later; this is ${name} ${version}. Update ${name}`;
  }
  const permissions = (globalThis as { readonly Deno?: { readonly permissions: DenoPermissions } }).Deno?.permissions;
  const isDenied = (kind: string): boolean => permissions?.requestSync({ name: "sys", kind }).state !== "granted";
  if (permissions === undefined || !DENO_FACTS.some(isDenied)) return undefined;
  return `needs to ask the system for ${DENO_FACTS.join(", ")}, which this ${name} ${version} may not. Run deno with --allow-sys=${DENO_FACTS.join()}`;
}

/** Whether `node:sqlite` exists and has the youngest members that this package uses. */
function hasSqlite({ name, version }: Runtime): boolean {
  if (isAtLeast(version, OLDEST[name])) return isBuiltin("node:sqlite");
  try {
    const { DatabaseSync, StatementSync } = loadSqlite();
    return "setReturnArrays" in StatementSync.prototype && "location" in DatabaseSync.prototype;
  } catch {
    return false;
  }
}

/** Bun and Deno have a version of Node, too: that of the Node that they imitate. */
function runtime(): Runtime {
  const { bun, deno, node } = process.versions;
  if (bun !== undefined) return { name: "Bun", version: bun };
  if (deno !== undefined) return { name: "Deno", version: deno };
  return { name: "Node", version: `v${node}` };
}

function isAtLeast(version: string, oldest: string): boolean {
  const [numbers, least] = [version, oldest].map((text) =>
    text
      .replace("v", "")
      .split(".")
      .map((part) => Number.parseInt(part, 10)),
  );
  const at = least!.findIndex((number, index) => numbers![index] !== number);
  return at === -1 || numbers![at]! > least![at]!;
}
