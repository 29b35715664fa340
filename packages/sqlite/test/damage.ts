import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { connectTo } from "@remem/test-support/database";
import { type Mock, onTestFinished, vi } from "vitest";
import { sqliteStore } from "../src/index.ts";

/** Adds `count` entries to a cache, which is created if necessary, and closes it. */
export async function fill(path: string, count = 200): Promise<void> {
  const store = sqliteStore({ path });
  for (let index = 0; index < count; index++) await store.set(`key ${index}`, `value ${index} ${"x".repeat(1000)}`);
  await store.close();
}

/** Overwrites the file in place, as a bad disk does. */
export function overwrite(path: string, from: number, bytes: string | Buffer): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from(bytes as string), 0, bytes.length, from);
  closeSync(file);
}

/** Makes the file unusable for this version, as a newer one may. */
export function takeOver(path: string): void {
  connectTo(path).exec("DROP TABLE remem_entries; PRAGMA user_version = 1000");
}

/** Lists the damaged files that were moved aside from this path, without their journals. */
export const movedAside = (path: string): string[] =>
  readdirSync(dirname(path)).filter(
    (name) => name.startsWith(`${basename(path)}.corrupt-`) && !/-(wal|shm|journal)$/.test(name),
  );

export const contentOf = (path: string, name: string): Buffer => readFileSync(join(dirname(path), name));

export function watchWarnings(): Mock<typeof process.emitWarning> {
  const spy = vi.spyOn(process, "emitWarning").mockReturnValue();
  onTestFinished(() => void spy.mockRestore());
  return spy;
}
