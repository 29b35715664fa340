import type { CacheStore } from "../contracts/cache-store.ts";
import type { DeferredApi } from "../contracts/deferred-api.ts";
import type { Surface } from "../contracts/surface.ts";
import type { DeferredBatchStatus, ListedBatch } from "./deferred-job.ts";
import { type BatchNote, batchOf, surfaceOf } from "./notes.ts";
import { createRecords, type Records } from "./records.ts";

export function statusOf(note: BatchNote): DeferredBatchStatus {
  const { token, batchId, provider, group, state, status, total, counts, createdAt, problem } = note;
  return {
    token,
    id: batchId,
    provider,
    model: group,
    status: state === "submitted" ? (status ?? "submitted") : state === "ended" ? "ended" : "waiting",
    total,
    counts,
    createdAt,
    problem,
  };
}

/** Lists the batches of a surface in a store, including those that ended within the last week. */
export async function* listBatches(
  store: CacheStore,
  surface: Surface<object, object>,
  api: DeferredApi | undefined,
  signal: AbortSignal,
): AsyncGenerator<ListedBatch, void, undefined> {
  const records = createRecords(store);
  for await (const name of records.list("batch/")) {
    const note = await records.get<BatchNote>(name);
    if (note !== undefined && note.surface === surfaceOf(surface)) yield listed(note, records, api, signal);
  }
}

function listed(note: BatchNote, records: Records, api: DeferredApi | undefined, signal: AbortSignal): ListedBatch {
  return {
    ...statusOf(note),
    async refresh() {
      if (note.state !== "submitted" || api === undefined) return statusOf(note);
      const { status, counts } = await api.poll(note.batchId!, { signal });
      return statusOf({ ...note, status, counts });
    },
    async cancel() {
      const now = (await records.get<BatchNote>(batchOf(note.token))) ?? note;
      if (now.state === "ended") return;
      await records.put(batchOf(note.token), { ...now, isCancelled: true });
      if (now.batchId !== undefined) await api?.cancel(now.batchId, { signal });
    },
  };
}
