import type { Lease } from "../contracts/cache-store.ts";
import type { DeferredBatch } from "../contracts/deferred-api.ts";
import { ProviderError } from "../errors/errors.ts";
import type { Settle } from "../limits/limits.ts";
import { notify } from "../observe/events.ts";
import { collect, collectFailed, noted } from "./collector.ts";
import { createFiller, requeue } from "./filler.ts";
import { lockBatch } from "./lock.ts";
import { type BatchNote, batchOf, type Claim, claimOf, submissionOf } from "./notes.ts";
import { claimsAt, launch, type World } from "./submitter.ts";

/** How long the server's list may lack a batch whose creation was interrupted. */
const UNSEEN_MS = 20_000;

/** Which requests wait for which batch. */
export interface Waiting {
  /** The batch of each request. */
  readonly tokens: Map<string, string>;
  /** The batches as they were last seen. */
  readonly notes: Map<string, BatchNote>;
  /** The reservations in the budget for requests of this job. */
  readonly reserved: Map<string, Settle<object>>;
}

/**
 * Looks at all batches once: processes those that have ended, and finishes the work of processes that have died.
 * @throws {ProviderError} if a retry would not help
 */
export async function advance(world: World, waiting: Waiting): Promise<void> {
  const { tokens, notes } = waiting;
  const keysByToken = new Map<string, string[]>();
  for (const [key, token] of tokens) {
    const keys = keysByToken.get(token);
    if (keys === undefined) keysByToken.set(token, [key]);
    else keys.push(key);
  }
  for (const [token, keys] of keysByToken) {
    world.signal.throwIfAborted();
    const note = await look(world, waiting, token, keys);
    if (note !== undefined) notes.set(token, note);
    else notes.delete(token);
    if (note === undefined || note.state === "ended") await follow(world, waiting, keys);
  }
  // Batches that have taken over requests of other batches.
  for (const token of new Set(tokens.values())) {
    const note = notes.has(token) ? undefined : await world.records.get<BatchNote>(batchOf(token));
    if (note !== undefined) notes.set(token, note);
  }
}

/** Moves one batch on. Undefined if it does not exist any more. */
async function look(
  world: World,
  waiting: Waiting,
  token: string,
  keys: readonly string[],
): Promise<BatchNote | undefined> {
  const { api, records, signal } = world;
  const note = await records.get<BatchNote>(batchOf(token));
  if (note?.state === "ended") return note;
  let batch: DeferredBatch | undefined;
  if (note?.state === "submitted") {
    try {
      batch = await api.poll(note.batchId!, { signal });
    } catch (error) {
      if (!ProviderError.is(error) || (!error.retryable && error.status !== 404)) throw error;
      if (error.retryable) return { ...note, problem: error.message };
      // The server has forgotten it.
      batch = { id: note.batchId!, status: "unknown", state: "completed", problems: [], files: [] };
    }
    if (batch.state === "running") return { ...note, status: batch.status, counts: batch.counts };
  }
  const lock = await lockBatch(world, token);
  if (lock === undefined) return note; // Another process works on it.
  try {
    const now = await records.get<BatchNote>(batchOf(token));
    if (now === undefined || now.state === "claiming") return await abandon(world, token, keys);
    if (now.state === "submitted") {
      if (batch === undefined || batch.id !== now.batchId) return now;
      return batch.state === "failed"
        ? await collectFailed(world, now, batch, othersRun(waiting, now))
        : await collect(world, now, batch);
    }
    if (now.state === "sealed" && now.isCancelled) return await collect(world, now, neverSubmitted(now));
    if (now.state === "creating") return await recover(world, now, lock);
    if (now.state === "sealed" && !(now.isHeld && othersRun(waiting, now))) return await launch(world, now, lock);
    return now;
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

/** The result of a batch that was cancelled before its server had it. */
function neverSubmitted({ token }: BatchNote): DeferredBatch {
  return { id: token, status: "cancelled", state: "partial", problems: [], files: [] };
}

function othersRun({ notes }: Waiting, { token, group }: BatchNote): boolean {
  return [...notes.values()].some(
    (other) => other.token !== token && other.group === group && other.state === "submitted",
  );
}

/** Moves the requests of a batch to another one, if its process died before the batch was sealed. */
async function abandon(world: World, token: string, keys: readonly string[]): Promise<undefined> {
  const { records } = world;
  const filler = createFiller(world);
  async function* claims(): AsyncGenerator<readonly [string, Claim], void, undefined> {
    for await (const [key, claim] of claimsAt(records, keys)) if (claim !== undefined) yield [key, claim];
  }
  try {
    await requeue(world, filler, token, claims());
    await filler.finish();
  } finally {
    await filler[Symbol.asyncDispose]();
  }
  await records.delete(batchOf(token));
  return undefined;
}

/** Finds a batch whose creation was interrupted, or creates it if the server has none. */
async function recover(world: World, note: BatchNote, lock: Lease): Promise<BatchNote> {
  const { api, signal } = world;
  const { fileId, total } = note;
  const sought = { token: submissionOf(note), fileId, total, others: () => knownIds(world) };
  const found = await api.find(sought, { signal });
  if (found !== undefined && "problem" in found) return noted(world, { ...note, problem: found.problem });
  if (found !== undefined) {
    return noted(world, { ...note, state: "submitted", batchId: found.id, status: found.status, problem: undefined });
  }
  return Date.now() - note.creatingAt! < UNSEEN_MS ? note : launch(world, note, lock);
}

async function knownIds({ store, records }: World): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  if (store.heads === undefined && store.entries === undefined) return ids;
  for await (const name of records.list("batch/")) {
    const { batchId } = (await records.get<BatchNote>(name)) ?? {};
    if (batchId !== undefined) ids.add(batchId);
  }
  return ids;
}

/** Finds the batches that now have the requests of an ended batch. */
async function follow(world: World, waiting: Waiting, keys: readonly string[]): Promise<void> {
  const { records, readThrough, surface } = world;
  const { tokens, notes } = waiting;
  for (const page of pagesOf(keys)) {
    const claims = await records.getMany<Claim>(page.map(claimOf));
    const found = await readThrough.find(page.map((key) => ({ key, surface })));
    for (const [index, key] of page.entries()) {
      const claim = claims[index];
      if (found[index] !== undefined || claim === undefined || claim.outcome !== undefined) {
        tokens.delete(key);
        settle(world, waiting, key, found[index] ?? answerIn(claim));
      } else tokens.set(key, notes.get(claim.token)?.token ?? claim.token);
    }
  }
}

/** Replaces the reservation for a request by the cost of its answer. */
export function settle({ surface }: World, { reserved }: Waiting, key: string, answer: object | undefined): void {
  const replace = reserved.get(key);
  reserved.delete(key);
  if (replace === undefined) return;
  notify(
    "limits.budget",
    () => (answer === undefined ? replace() : replace(answer, surface.tokens?.(answer))),
    undefined,
  );
}

function answerIn(claim: Claim | undefined): object | undefined {
  const { outcome } = claim ?? {};
  return outcome !== undefined && "completion" in outcome ? outcome.completion : undefined;
}

const PAGE = 256;

export function* pagesOf<T>(items: readonly T[]): Generator<readonly T[], void, undefined> {
  for (let at = 0; at < items.length; at += PAGE) yield items.slice(at, at + PAGE);
}
