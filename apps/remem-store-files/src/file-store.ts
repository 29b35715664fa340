import { hash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CacheStore, checkOptions, storeClosed } from "@remem/core/plugin";

export interface FileStoreOptions {
  /** The directory of the files. Created by the first operation, with its parents. */
  readonly directory: string;
}

/** A store with one file per key, for a few thousand answers that are easy to view, copy and delete by hand. */
export function fileStore(options: FileStoreOptions): CacheStore {
  checkOptions("fileStore", options, { directory: true } satisfies Record<keyof FileStoreOptions, true>);
  const { directory } = options;
  let closed = false;

  async function open(): Promise<void> {
    if (closed) throw storeClosed("file");
    await mkdir(directory, { recursive: true, mode: 0o700 });
  }
  // Keys may contain anything, and some file systems ignore case.
  const fileOf = (key: string): string => join(directory, `${hash("sha256", key)}.json`);

  async function read(file: string): Promise<{ key: string; value: string } | undefined> {
    await open();
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error; // Only a missing file is a miss. Any other error is a failure.
    });
    const entry = JSON.parse(text ?? "null") as { key: string; value: string; expiresAt: number } | null;
    return entry !== null && entry.expiresAt > Date.now() ? entry : undefined;
  }
  async function* files(): AsyncGenerator<string> {
    await open();
    for (const file of await readdir(directory)) if (/^[0-9a-f]{64}\.json$/.test(file)) yield join(directory, file);
  }

  return {
    specVersion: 1,
    name: "file",
    get: async (key) => (await read(fileOf(key)))?.value,
    async set(key, value, { expiresAt = Number.MAX_SAFE_INTEGER, ifAbsent = false } = {}) {
      await open();
      if (ifAbsent && (await read(fileOf(key))) !== undefined) return; // Of two concurrent writes, the later one wins.
      const draft = join(directory, randomUUID());
      await writeFile(draft, JSON.stringify({ key, value, expiresAt }), { mode: 0o600 });
      await rename(draft, fileOf(key)); // Atomic: no reader sees half a file.
    },
    async delete(key) {
      const wasThere = (await read(fileOf(key))) !== undefined;
      await rm(fileOf(key), { force: true });
      return wasThere;
    },
    async clear() {
      for await (const file of files()) await rm(file, { force: true });
    },
    async *entries() {
      for await (const file of files()) {
        const entry = await read(file);
        if (entry !== undefined) yield [entry.key, entry.value] as const;
      }
    },
    async close() {
      closed = true;
    },
  };
}
