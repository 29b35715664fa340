import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { type ChatRequest, cacheKey } from "@remem/core";
import { entryOf, keyOf } from "../contestants/floor.ts";
import type { Workload } from "../workload.ts";

/** The table of each contestant, and its keys. */
const TABLES = {
  floor: { name: "entries", keyOf },
  remem: { name: "remem_entries", keyOf: (request: ChatRequest) => cacheKey(request) },
} as const;

export type Filled = keyof typeof TABLES;

/**
 * Writes the answers to these questions directly into the file that the contestant created, as it would have done, but in one
 * transaction. No other process may have the file open. It calls `told` with the number of answers now and then.
 */
export async function fillFile(
  directory: string,
  contestant: Filled,
  work: Workload,
  { first, end, told }: { readonly first: number; readonly end: number; readonly told: (done: number) => void },
): Promise<void> {
  const { name, keyOf } = TABLES[contestant];
  const database = new DatabaseSync(join(directory, "cache.sqlite"));
  try {
    const mode = database.prepare("PRAGMA journal_mode").get()!.journal_mode;
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN");
    const insert = database.prepare(`INSERT INTO ${name} (key, value, sidecar) VALUES (?, ?, ?)`);
    for (let index = first; index < end; index++) {
      const request: ChatRequest = JSON.parse(work.requestText(index));
      const key = keyOf(request);
      const completion = work.completion(index);
      const { value, sidecar } = entryOf(key, request, completion);
      insert.run(key, value, sidecar);
      if (index % 10_000 > 0) continue;
      told(index);
      await setImmediate(); // Lets Ctrl-C through.
    }
    database.exec(`COMMIT; PRAGMA journal_mode = ${mode}`);
  } finally {
    database.close();
  }
}
