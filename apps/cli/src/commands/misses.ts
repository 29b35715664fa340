import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createClientFor } from "../flags/client-flags.ts";
import { tell } from "../output/complain.ts";
import { number } from "../progress/figures.ts";
import { createRequestReader } from "../requests/read-requests.ts";
import type { BatchFlags } from "./batch.ts";

/** Writes the distinct requests that are not stored to a file for a Batch API, each once for each missing sample. Asks no provider. */
export async function writeMisses(inputPath: string, path: string, flags: BatchFlags): Promise<number> {
  const { samples } = flags;
  const reader = createRequestReader(inputPath, flags);
  await reader.count();
  const requests = await reader.open();
  const client = createClientFor({ ...flags, cache: "only-if-cached", journal: false }, { storeModel: requests.model });
  const written = new Set<string>();
  const count = { hits: 0, invalid: 0 };
  const models = new Set<unknown>();
  const file = createWriteStream(path);
  await once(file, "open");
  try {
    const started: Array<Parameters<typeof client.batchLine>> = [];
    async function* items() {
      for await (const { item } of requests.lines) {
        for (let sample = 0; sample < (samples ?? 1); sample++) started.push([item, { sample }]);
        yield item;
      }
    }
    for await (const result of client.inferEach(items(), { samples })) {
      const own = started.shift()!;
      if (!result.error) count.hits += 1;
      else if (result.error.code !== "CACHE_MISS") count.invalid += 1;
      else if (!written.has(result.key!)) {
        written.add(result.key!);
        const line = client.batchLine(...own);
        models.add(JSON.parse(line).body.model);
        if (!file.write(`${line}\n`)) await once(file, "drain");
      }
    }
    await finished(file.end());
  } finally {
    await client.close();
  }
  const invalid = count.invalid === 0 ? "" : `, ${number(count.invalid)} invalid`;
  tell(`${number(written.size)} requests written, ${number(count.hits)} hits${invalid}`);
  if (models.size > 1) tell(`remem: they are for ${models.size} models, and most servers take one a file`);
  return count.invalid > 0 ? 1 : 0;
}
