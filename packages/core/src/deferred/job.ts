import { createHash } from "node:crypto";
import { sleep } from "../concurrency/sleep.ts";
import type { AnswerSource, Call } from "../contracts/call.ts";
import { readEntry } from "../entry/stored-entry.ts";
import { answerGone, asRememError, InvalidRequestError, type RememError } from "../errors/errors.ts";
import { notify } from "../observe/events.ts";
import { statusOf } from "./batches.ts";
import type { DeferredFailure, DeferredJob, DeferredResultsOptions, DeferredStatus } from "./deferred-job.ts";
import { type Item, keyIn } from "./items.ts";
import { type Claim, callOf, claimOf, type ErrorNote, errorOf, surfaceOf } from "./notes.ts";
import type { World } from "./submitter.ts";
import { advance, pagesOf, type Waiting } from "./tracker.ts";

const POLL_MS = 60_000;

type AnyCall = Call<object, object>;

/** A call, or the error of an invalid request. */
export type Prepared = { readonly call: AnyCall } | { readonly error: unknown };

/** The state of a job. */
export interface JobState {
  readonly id: string;
  readonly items: readonly Item[];
  readonly waiting: Waiting;
  /** Requests that the job has not submitted, because of `refusal`. */
  readonly unasked: ReadonlySet<string>;
  readonly refusal: RememError | undefined;
  /** Prepares the calls again, if the requests can be read again. */
  readonly calls: (() => AsyncIterable<Prepared>) | undefined;
}

interface Noted {
  readonly total: number;
  /** As in the note of a batch. */
  readonly surface?: string | undefined;
}

const jobOf = (id: string): string => `job/${id}`;
const itemsOf = (id: string, page: number): string => `job/${id}/${page}`;
const ITEMS_A_NOTE = 1_000;

/** Returns an id that is the same for the same keys in the same order. */
export function jobId(items: readonly Item[]): string {
  const digest = createHash("sha256");
  for (const item of items) digest.update(`${keyIn(item) ?? "!"}\n`);
  return digest.digest("hex");
}

/** Reads the items of a noted job. They tell which answers were stored when it began. */
export async function notedItems({ records, surface }: World, id: string): Promise<Item[] | undefined> {
  const noted = await records.get<Noted>(jobOf(id));
  if (noted === undefined || noted.surface !== surfaceOf(surface)) return undefined;
  const items: Item[] = [];
  while (items.length < noted.total) {
    const page = await records.get<Item[]>(itemsOf(id, items.length / ITEMS_A_NOTE));
    if (page === undefined) return undefined;
    items.push(...page);
  }
  return items;
}

export async function noteItems({ records, surface }: World, id: string, items: readonly Item[]): Promise<void> {
  for (let page = 0; page * ITEMS_A_NOTE < items.length; page += 1) {
    await records.put(itemsOf(id, page), items.slice(page * ITEMS_A_NOTE, (page + 1) * ITEMS_A_NOTE));
  }
  const name = surfaceOf(surface);
  await records.put(jobOf(id), { total: items.length, ...(name !== undefined && { surface: name }) } satisfies Noted);
}

export function createJob(world: World, state: JobState): DeferredJob<object> {
  const { records, readThrough, surface, signal, provider, store, blank } = world;
  const { id, items, waiting, unasked, refusal } = state;

  function read(): DeferredStatus {
    const { tokens, notes } = waiting;
    const isWaiting = (item: Item): boolean => tokens.has(keyIn(item) ?? "");
    const used = new Set(tokens.values());
    return {
      total: items.length,
      waiting: items.reduce((count, item) => count + (isWaiting(item) ? 1 : 0), 0),
      unasked: unasked.size,
      batches: [...notes.values()].filter(({ token }) => used.has(token)).map(statusOf),
    };
  }

  async function* settled(isFinal: boolean): AsyncGenerator<object | undefined, void, undefined> {
    const calls = state.calls?.()[Symbol.asyncIterator]();
    try {
      for (const page of pagesOf(items)) {
        const keys = page.map(keyIn);
        const found = await readThrough.find(keys.map((key) => ({ key: key ?? "", surface })));
        const missing = keys.map((key, index) => (key === undefined || found[index] !== undefined ? "" : key));
        const claims = await records.getMany<Claim>(missing.map(claimOf));
        for (const [index, item] of page.entries()) {
          const next = await calls?.next();
          yield await resultOf(item, next?.done ? undefined : next?.value, found[index], claims[index], isFinal);
        }
      }
    } finally {
      await calls?.return?.();
    }
  }
  async function resultOf(
    item: Item,
    prepared: Prepared | undefined,
    found: object | undefined,
    claim: Claim | undefined,
    isFinal: boolean,
  ): Promise<object | undefined> {
    const key = keyIn(item);
    const { call: given, error } = { call: undefined, error: undefined, ...prepared };
    if (key === undefined) {
      return failure(error ? asRememError(error, provider.id) : errorOf(JSON.parse(item.slice(1)) as ErrorNote));
    }
    if (given !== undefined && given.key !== key) throw changed();
    const { outcome } = claim ?? {};
    const answer = found ?? (outcome !== undefined && "completion" in outcome ? outcome.completion : undefined);
    if (answer === undefined) {
      if (outcome !== undefined && "error" in outcome) return failure(errorOf(outcome.error), key);
      if (unasked.has(key)) return failure(refusal!, key);
      return waiting.tokens.has(key) ? undefined : failure(answerGone(key), key);
    }
    const call = given ?? (claim ? callOf(key, claim, surface, provider.id) : await storedCall(key));
    const source = SOURCES[item[0] as keyof typeof SOURCES];
    if (isFinal) {
      readThrough.account(call, answer, source);
      // The process that has taken the answer from its batch has recorded its cost.
      if (source !== "provider") readThrough.record(call, { answer, source, durationMs: 0, ...NO_PROBLEM });
    }
    return world.toResult(call, { answer, source });
  }
  /** Returns the call that an entry answers. */
  async function storedCall(key: string): Promise<AnyCall> {
    const entry = await readEntry(store, key);
    const request = entry?.request ?? blank;
    return callOf(key, { token: "", request, facts: entry?.facts ?? {} }, surface, provider.id);
  }

  const job: DeferredJob<object> = {
    id,
    async status() {
      await advance(world, waiting);
      return read();
    },
    async *results({ pollMs = POLL_MS, onStatus }: DeferredResultsOptions = {}) {
      for (;;) {
        const status = await job.status();
        if (onStatus !== undefined) notify("onStatus", onStatus, status);
        if (status.waiting === 0) break;
        await sleep(pollMs, signal);
      }
      yield* settled(true) as AsyncGenerator<object, void, undefined>;
    },
    settled: () => settled(false),
    async forget() {
      for (const page of pagesOf(items)) {
        const keys = page.flatMap((item) => keyIn(item) ?? []);
        const claims = await records.getMany<Claim>(keys.map(claimOf));
        const done = keys.filter((_, index) => claims[index]?.outcome !== undefined);
        await Promise.all(done.map((key) => records.delete(claimOf(key))));
      }
      await records.delete(jobOf(id));
      for (let page = 0; page * ITEMS_A_NOTE < items.length; page += 1) await records.delete(itemsOf(id, page));
    },
  };
  return job;
}

/** The sources of the first request with a key that the job has asked for, of later ones with that key, and of a stored one. */
const SOURCES = { m: "provider", r: "flight", h: "store" } as const satisfies Record<string, AnswerSource>;

const NO_PROBLEM = { notStored: undefined, error: undefined };

function failure(error: RememError, key?: string): DeferredFailure {
  return { error, ...(key !== undefined && { key }), cacheHit: false };
}

function changed(): InvalidRequestError {
  return new InvalidRequestError("", "differs from the one at the start of the job: its source has changed.");
}
