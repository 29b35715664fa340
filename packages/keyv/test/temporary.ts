import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";

/** A path that exists until the test is finished. */
export function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "remem-keyv-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "cache.sqlite");
}

// By `require`, because vite does not know the module.
const sqlite = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

/** Opens a connection independent of Keyv, like another program. */
export function connectTo(path: string): DatabaseSync {
  const database = new sqlite.DatabaseSync(path);
  onTestFinished(() => database.close());
  return database;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
