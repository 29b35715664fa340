import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { loadSqlite } from "../src/driver/node-sqlite.ts";

/** Creates a directory that is removed after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "remem-sqlite-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const temporaryFile = (): string => join(temporaryDirectory(), "cache.sqlite");

/** Opens a plain connection, as another program would. */
export function connectTo(path: string): DatabaseSync {
  const database = new (loadSqlite().DatabaseSync)(path);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

/** Makes the file unusable for this version, as a newer one may. */
export function takeOver(path: string): void {
  connectTo(path).exec("DROP TABLE remem_entries; PRAGMA user_version = 1000");
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function errorOf(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error;
  }
  throw new Error("The operation did not fail.");
}
