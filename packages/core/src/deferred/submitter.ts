import type { CacheStore, Lease } from "../contracts/cache-store.ts";
import type { Call, Outcome } from "../contracts/call.ts";
import type { DeferredApi } from "../contracts/deferred-api.ts";
import type { Surface } from "../contracts/surface.ts";
import type { ReadThrough } from "../engine/read-through-options.ts";
import { ProviderError, StoreError } from "../errors/errors.ts";
import { type BatchNote, batchOf, type Claim, claimOf, KEYS_A_NOTE, keysOf, submissionOf } from "./notes.ts";
import type { Records } from "./records.ts";

/** The parts that all modules of a deferred job share. */
export interface World {
  readonly api: DeferredApi;
  readonly provider: { readonly id: string; readonly scope?: string | undefined };
  readonly surface: Surface<object, object>;
  readonly store: CacheStore;
  readonly records: Records;
  readonly readThrough: Pick<ReadThrough, "find" | "put" | "account" | "record">;
  readonly signal: AbortSignal;
  /** Makes the result for a caller. */
  toResult(call: Call<object, object>, outcome: Outcome<object>): object;
  /** Replaces in a result a request that the store does not have. */
  readonly blank: object;
}

/** The number of claims that are read together. */
const PAGE = 256;

/** The size of the line of a request in a file, in bytes. */
export function bytesOf(api: DeferredApi, key: string, request: object): number {
  return Buffer.byteLength(api.line(key, request)) + 1;
}

/**
 * Submits a sealed batch, whose lock the caller holds. It notes a temporary failure, and the batch waits.
 * @throws {ProviderError} if a retry would not help
 */
export async function launch(world: World, sealed: BatchNote, lock: Lease | undefined): Promise<BatchNote> {
  const { api, records, signal } = world;
  const { token, group, total, bytes } = sealed;
  let note: BatchNote = { ...sealed, problem: undefined, isHeld: undefined };
  try {
    const { id, status } = await api.submit(
      {
        token: submissionOf(note),
        group,
        total,
        bytes,
        fileId: note.fileId,
        lines: () => linesOf(world, note),
        async uploaded(fileId) {
          lock?.lost.throwIfAborted(); // The new holder of the lock creates the batch.
          note = { ...note, state: "creating", fileId, creatingAt: Date.now() };
          await records.put(batchOf(token), note);
        },
      },
      { signal },
    );
    note = { ...note, state: "submitted", batchId: id, status };
    await records.put(batchOf(token), note);
    return note;
  } catch (error) {
    if (lock?.lost.aborted) return sealed;
    if (!ProviderError.is(error)) throw error;
    const { status = 0, retryable, message } = error;
    // The server has not created a batch that it refused. The file may be the reason.
    const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 409;
    const fileId = status === 429 || !isRefused ? note.fileId : undefined;
    note = { ...note, problem: message, ...(isRefused && { state: "sealed", fileId, creatingAt: undefined }) };
    await records.put(batchOf(token), note);
    if (!retryable && note.state !== "creating") throw error;
    return note;
  }
}

async function* linesOf({ api, records }: World, note: BatchNote): AsyncGenerator<string, void, undefined> {
  for await (const [key, claim] of claimsOf(records, note)) {
    if (claim === undefined) {
      const problem = `The store has lost the request ${key} of a batch that waits to be submitted. Cancel it: remem deferred cancel ${note.token}`;
      throw new StoreError(problem, { store: "deferred" });
    }
    yield api.line(key, claim.request);
  }
}

/** The keys of a sealed batch in the order of its lines. */
async function* keysIn(records: Records, { token, total }: BatchNote): AsyncGenerator<string[], void, undefined> {
  for (let page = 0; page * KEYS_A_NOTE < total; page += 1) {
    yield (await records.get<string[]>(keysOf(token, page))) ?? [];
  }
}

/** Finds the key of a line. It reads each note once. */
export function keyAt(records: Records, { token, total }: BatchNote): (line: number) => Promise<string | undefined> {
  const pages = new Map<number, Promise<string[] | undefined>>();
  return async (line) => {
    if (!(Number.isInteger(line) && line >= 0 && line < total)) return undefined;
    const page = Math.floor(line / KEYS_A_NOTE);
    const keys = pages.get(page) ?? records.get<string[]>(keysOf(token, page));
    pages.set(page, keys);
    return (await keys)?.[line % KEYS_A_NOTE];
  };
}

/** The claims of a sealed batch, in the order of its lines. */
export async function* claimsOf(
  records: Records,
  note: BatchNote,
): AsyncGenerator<readonly [key: string, claim: Claim | undefined], void, undefined> {
  for await (const keys of keysIn(records, note)) yield* claimsAt(records, keys);
}

/** The claims of keys, in their order. */
export async function* claimsAt(
  records: Records,
  keys: readonly string[],
): AsyncGenerator<readonly [key: string, claim: Claim | undefined], void, undefined> {
  for (let at = 0; at < keys.length; at += PAGE) {
    const page = keys.slice(at, at + PAGE);
    const claims = await records.getMany<Claim>(page.map(claimOf));
    for (const [index, key] of page.entries()) yield [key, claims[index]];
  }
}
