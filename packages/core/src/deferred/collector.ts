import type { DeferredAnswer, DeferredBatch } from "../contracts/deferred-api.ts";
import type { RecordedFacts } from "../engine/read-through-options.ts";
import { ProviderError, type RememError, StoreError } from "../errors/errors.ts";
import { createFiller, requeue } from "./filler.ts";
import { type BatchNote, batchOf, type Claim, callOf, claimOf, errorNote, KEYS_A_NOTE, keysOf } from "./notes.ts";
import { claimsOf, keyAt, type World } from "./submitter.ts";

/** The number of answers that are processed together. */
const PAGE = 128;
/** The number of batches in which a request may fail for a temporary reason, before the failure is final. */
const MAX_FAILURES = 3;
/** How long an ended batch is listed. */
const LISTED_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * Processes the results of an ended batch: stores answers, notes failures, and submits unexecuted requests again. The caller
 * holds the lock. Another process can repeat it after a process has died here.
 */
export async function collect(world: World, note: BatchNote, batch: DeferredBatch): Promise<BatchNote> {
  const { api, records, provider, signal } = world;
  /** Requests to submit again. */
  const again = new Set<string>();
  let lost: ProviderError | undefined;
  try {
    let page: DeferredAnswer[] = [];
    for await (const answer of api.collect(batch, { signal, idAt: keyAt(records, note) })) {
      page.push(answer);
      if (page.length < PAGE) continue;
      await take(world, note, page, again);
      page = [];
    }
    await take(world, note, page, again);
  } catch (error) {
    if (!ProviderError.is(error)) throw error;
    if (error.retryable) return noted(world, { ...note, problem: error.message });
    lost = error;
  }
  const isAsked = batch.state === "completed" || lost !== undefined;
  async function* left(): AsyncGenerator<readonly [string, Claim], void, undefined> {
    for await (const [key, claim] of claimsOf(records, note)) {
      if (claim === undefined || claim.token !== note.token || claim.outcome !== undefined) continue;
      if (isAsked && !again.has(key)) await fail(world, key, claim, lost ?? unanswered(provider.id, batch));
      else if (note.isCancelled) await fail(world, key, claim, cancelled(provider.id, batch));
      else yield [key, claim];
    }
  }
  await requeueAll(world, note, left());
  return ended(world, note, batch);
}

/**
 * Processes a batch that the server has not executed. `othersRun`: whether another batch of the same group waits in the
 * server's queue.
 */
export async function collectFailed(
  world: World,
  note: BatchNote,
  batch: DeferredBatch,
  othersRun: boolean,
): Promise<BatchNote> {
  const { records, provider } = world;
  const { problems } = batch;
  const [first] = problems;
  if (first?.isTooLarge && note.total > 1) {
    await split(world, note);
    return ended(world, note, batch);
  }
  if (first?.isQueueFull && (othersRun || note.total > 1)) {
    const waiting: BatchNote = {
      ...note,
      state: "sealed",
      batchId: undefined,
      fileId: undefined,
      attempt: (note.attempt ?? 0) + 1,
      problem: first.message,
      isHeld: true,
    };
    if (othersRun) return noted(world, waiting);
    // No other batch of ours is in the queue, so this one itself is too large.
    await split(world, note);
    return ended(world, note, batch);
  }
  const byLine = new Map(problems.flatMap((problem) => (problem.line ? [[problem.line, problem] as const] : [])));
  let line = 0;
  async function* left(): AsyncGenerator<readonly [string, Claim], void, undefined> {
    for await (const [key, claim] of claimsOf(records, note)) {
      line += 1;
      if (claim === undefined || claim.token !== note.token || claim.outcome !== undefined) continue;
      const problem = byLine.get(line);
      const { failures = 0 } = claim;
      if (problem === undefined && byLine.size > 0 && failures + 1 < MAX_FAILURES) {
        yield [key, { ...claim, failures: failures + 1 }];
      } else await fail(world, key, claim, refused(provider.id, problem ?? first));
    }
  }
  await requeueAll(world, note, left());
  return ended(world, note, batch);
}

async function take(world: World, note: BatchNote, page: readonly DeferredAnswer[], again: Set<string>): Promise<void> {
  const { records, readThrough, surface, provider } = world;
  const claims = await records.getMany<Claim>(page.map(({ id }) => claimOf(id)));
  // A direct call may have stored an answer meanwhile, or a process that died here.
  const known = await readThrough.find(page.map(({ id }) => ({ key: id, surface })));
  await Promise.all(
    page.map(async (answer, index) => {
      const claim = claims[index];
      if (claim === undefined || claim.token !== note.token || claim.outcome !== undefined) return;
      if (known[index] !== undefined) return records.delete(claimOf(answer.id));
      if ("completion" in answer) return keep(world, note, answer.id, claim, answer.completion);
      const { failures = 0 } = claim;
      if (answer.isUnasked) again.add(answer.id);
      else if (answer.error.retryable && failures + 1 < MAX_FAILURES) {
        again.add(answer.id);
        await records.put(claimOf(answer.id), { ...claim, failures: failures + 1 });
      } else {
        await fail(world, answer.id, claim, answer.error);
        const call = callOf(answer.id, claim, surface, provider.id);
        record(world, note, call, { answer: undefined, error: answer.error.code });
      }
    }),
  );
}

/** Stores an answer as if a direct call had asked for it. */
async function keep(world: World, note: BatchNote, key: string, claim: Claim, received: object): Promise<void> {
  const { api, records, readThrough, surface, provider, store } = world;
  const completion = api.read?.(received, claim.request) ?? received;
  const call = callOf(key, claim, surface, provider.id);
  let reason: string | undefined;
  try {
    reason = await readThrough.put(call, completion);
  } catch (error) {
    if (!ProviderError.is(error)) throw error;
    await fail(world, key, claim, error);
    record(world, note, call, { answer: undefined, error: error.code });
    return;
  }
  if (reason === "store-error") {
    throw new StoreError(`The store "${store.name}" could not store an answer of a batch.`, { store: store.name });
  }
  record(world, note, call, { answer: completion, notStored: reason });
  if (reason === undefined) await records.delete(claimOf(key));
  else await records.put(claimOf(key), { ...claim, outcome: { completion } });
}

/** Records the result of a request once, even if several jobs wait for it. */
function record(
  { readThrough }: World,
  { createdAt }: BatchNote,
  call: ReturnType<typeof callOf>,
  facts: Pick<RecordedFacts<object>, "answer"> & Partial<RecordedFacts<object>>,
): void {
  const durationMs = Math.max(0, Date.now() - createdAt);
  readThrough.record(call, {
    source: "provider",
    deferred: true,
    durationMs,
    notStored: undefined,
    error: undefined,
    ...facts,
  });
}

async function fail({ records }: World, key: string, claim: Claim, error: RememError): Promise<void> {
  await records.put(claimOf(key), { ...claim, outcome: { error: errorNote(error) } });
}

async function requeueAll(
  world: World,
  { token }: BatchNote,
  claims: AsyncIterable<readonly [string, Claim]>,
): Promise<void> {
  const filler = createFiller(world);
  try {
    await requeue(world, filler, token, claims);
    await filler.finish();
  } finally {
    await filler[Symbol.asyncDispose]();
  }
}

/** Splits a batch in two. */
async function split(world: World, note: BatchNote): Promise<void> {
  const half = Math.ceil(note.total / 2);
  async function* part(from: number, to: number): AsyncGenerator<readonly [string, Claim], void, undefined> {
    let index = 0;
    for await (const [key, claim] of claimsOf(world.records, note)) {
      if (index >= from && index < to && claim !== undefined && claim.outcome === undefined) yield [key, claim];
      index += 1;
    }
  }
  await requeueAll(world, note, part(0, half));
  await requeueAll(world, note, part(half, note.total));
}

async function ended(world: World, note: BatchNote, { status, counts, problems }: DeferredBatch): Promise<BatchNote> {
  const { records } = world;
  const problem = problems[0]?.message;
  const last: BatchNote = { ...note, state: "ended", status, counts, problem, isHeld: undefined };
  await records.put(batchOf(note.token), last, { ttlMs: LISTED_MS });
  for (let page = 0; page * KEYS_A_NOTE < note.total; page += 1) await records.delete(keysOf(note.token, page));
  return last;
}

export async function noted({ records }: World, note: BatchNote): Promise<BatchNote> {
  await records.put(batchOf(note.token), note);
  return note;
}

function unanswered(provider: string, { id, status }: DeferredBatch): ProviderError {
  const message = `"${provider}" gave no answer to this request within its batch ${id}, which is ${status}.`;
  return new ProviderError(message, { provider });
}

function cancelled(provider: string, { id }: DeferredBatch): ProviderError {
  return new ProviderError(`"${provider}" did not execute this request: its batch ${id} was cancelled.`, { provider });
}

function refused(provider: string, problem: DeferredBatch["problems"][number] | undefined): ProviderError {
  const { code, message = "it gave no reason" } = problem ?? {};
  const cause = Object.assign(new Error(message), code !== undefined && { code });
  return new ProviderError(`"${provider}" refused the batch of this request: ${message}`, { provider, cause });
}
