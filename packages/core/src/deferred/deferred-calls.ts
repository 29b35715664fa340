import { turns } from "../collections/turns.ts";
import type { CacheMode, Call, Outcome } from "../contracts/call.ts";
import type { DeferredApi } from "../contracts/deferred-api.ts";
import type { Surface } from "../contracts/surface.ts";
import type { ReadThrough, ReadThroughOptions } from "../engine/read-through-options.ts";
import { checkCount, checkOptions, checkTtl } from "../errors/check-options.ts";
import { invalidOption, noBatchApi, RememError } from "../errors/errors.ts";
import type { Limits } from "../limits/limits.ts";
import { listBatches } from "./batches.ts";
import type { DeferredFailure, DeferredJob, DeferredOptions, ListedBatch } from "./deferred-job.ts";
import type { Prepared } from "./job.ts";
import { createRecords } from "./records.ts";
import { openJob, startJob } from "./start-job.ts";
import type { World } from "./submitter.ts";

/** The parts of the jobs of one surface. */
export interface DeferredParts<Request extends object, Answer extends object, Item, Result extends object> {
  /** The provider, which errors and notes name. */
  readonly provider: { readonly id: string; readonly scope?: string | undefined };
  /** The Batch API. Undefined where the provider has none. */
  readonly api: DeferredApi<Request, Answer> | undefined;
  /** The kind of the requests. */
  readonly surface: Surface<Request, Answer>;
  /** The options of `readThrough`, the mode of calls, and the budget. */
  readonly options: Pick<ReadThroughOptions, "store" | "storeRequest"> & {
    /** A job refuses any other than `"default"`. */
    readonly cache?: CacheMode | undefined;
    /** Only the budget applies to jobs. */
    readonly limits?: Pick<Limits<Request, Answer>, "budget"> | undefined;
  };
  /** Finds and stores answers. */
  readonly readThrough: Pick<ReadThrough, "find" | "put" | "account" | "record">;
  /** Replaces in a result a request that the store does not have. */
  readonly blank: Request;
  /** Makes the call of an item. An error that it throws is the result of the item. */
  prepare(item: Item, own: DeferredCallOptions): Call<Request, Answer> | Promise<Call<Request, Answer>>;
  /** Estimates the tokens of a request and its answer. */
  estimate(request: Request): number;
  /** Makes the result for a caller. */
  toResult(call: Call<Request, Answer>, outcome: Outcome<Answer>): Result;
}

/** The options of one call of a job. */
export interface DeferredCallOptions {
  /** The n-th independent answer. */
  readonly sample?: number;
  /** How long the answer may be served, in milliseconds. */
  readonly ttlMs?: number;
}

/** Jobs for a Batch API. */
export interface DeferredCalls<Item, Result extends object> {
  /** Starts a job, or continues it: see `Client.deferred`. */
  deferred(
    requests: Iterable<Item> | AsyncIterable<Item> | string,
    options?: DeferredOptions,
  ): Promise<DeferredJob<Result | DeferredFailure>>;
  /** Lists the batches that the store knows: see `Client.deferredBatches`. */
  deferredBatches(): AsyncIterable<ListedBatch>;
}

const NEVER = new AbortController().signal;
const KNOWN = { samples: true, ttlMs: true, signal: true } as const satisfies Record<keyof DeferredOptions, true>;

export function createDeferredCalls<Request extends object, Answer extends object, Item, Result extends object>(
  parts: DeferredParts<Request, Answer, Item, Result>,
): DeferredCalls<Item, Result> {
  // Within the engine requests and answers are opaque.
  const { provider, api, surface, options, readThrough, blank, prepare, estimate, toResult } =
    parts as object as DeferredParts<object, object, Item, Result>;
  const { store, storeRequest = true, cache = "default", limits } = options;

  function worldFor({ signal = NEVER }: DeferredOptions): World {
    if (api === undefined) throw noBatchApi(provider.id);
    if (!storeRequest)
      throw invalidOption("deferred", "storeRequest", "true: the store holds the requests until they are answered");
    if (cache !== "default") throw invalidOption("deferred", "cache", '"default"');
    if (store.flights === undefined) warnOnce(store.name);
    return { api, provider, surface, store, records: createRecords(store), readThrough, signal, toResult, blank };
  }
  async function start(
    given: Iterable<Item> | AsyncIterable<Item> | string,
    own: DeferredOptions = {},
  ): Promise<DeferredJob<object>> {
    checkOptions("deferred", own, KNOWN);
    checkCount("deferred", "samples", own.samples);
    checkTtl("deferred", "ttlMs", own.ttlMs);
    const world = worldFor(own);
    if (typeof given === "string") {
      const job = await openJob(world, given);
      if (job !== undefined) return job;
      throw new RememError("INVALID_OPTION", `deferred: the store has no job ${JSON.stringify(given)}.`);
    }
    const { samples, ttlMs } = own;
    async function prepared(item: Item, sample: number | undefined): Promise<Prepared> {
      try {
        const each = { ...(sample !== undefined && { sample }), ...(ttlMs !== undefined && { ttlMs }) };
        return { call: await prepare(item, each) };
      } catch (error) {
        return { error };
      }
    }
    return startJob(world, {
      async *prepared() {
        for await (const { item, sample } of turns(given, samples)) yield prepared(item, sample);
      },
      canRepeat: !isOneShot(given),
      budget: limits?.budget,
      estimate,
    });
  }
  return {
    deferred: (given, own) => start(given, own) as Promise<DeferredJob<Result | DeferredFailure>>,
    deferredBatches: () => listBatches(store, surface, api, NEVER),
  };
}

const warned = new Set<string>();

function warnOnce(store: string): void {
  if (warned.has(store)) return;
  warned.add(store);
  const message = `The store "${store}" has no leases: if two processes submit identical requests concurrently, both may be paid for. Start one process at a time, or use @remem/sqlite or @remem/redis.`;
  process.emitWarning(message, { type: "RememWarning", code: "REMEM_DEFERRED_NOT_COORDINATED" });
}

/** Whether the items can be iterated only once: they are their own iterator, such as a generator. */
function isOneShot(given: Iterable<unknown> | AsyncIterable<unknown>): boolean {
  if (Symbol.asyncIterator in given) return given[Symbol.asyncIterator]() === (given as unknown);
  return given[Symbol.iterator]() === (given as unknown);
}
