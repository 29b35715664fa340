import { turns } from "../batch.ts";
import type { ChatCompletion, ChatRequest } from "../chat/chat-completion.ts";
import type { chatSurface } from "../chat/chat-surface.ts";
import type { Client } from "../chat/client-contract.ts";
import type { Call } from "../contracts/call.ts";
import type { ReadThrough } from "../engine/read-through-options.ts";
import { checkCount, checkOptions, checkTtl } from "../errors/check-options.ts";
import { invalidOption, noBatchApi, RememError } from "../errors/errors.ts";
import type { ClientOptions } from "../options.ts";
import type { InferRequest, Prompt } from "../request.ts";
import { listBatches } from "./batches.ts";
import type { DeferredOptions } from "./deferred-job.ts";
import type { Prepared } from "./job.ts";
import { createRecords } from "./records.ts";
import { openJob, startJob } from "./start-job.ts";
import type { World } from "./submitter.ts";

interface DeferredParts {
  readonly options: ClientOptions;
  readonly surface: typeof chatSurface;
  readonly readThrough: ReadThrough;
  prepare(
    item: Prompt | InferRequest,
    own: { readonly sample?: number; readonly ttlMs?: number },
  ): Call<ChatRequest, ChatCompletion>;
}

const NEVER = new AbortController().signal;
const KNOWN = { samples: true, ttlMs: true, signal: true } as const satisfies Record<keyof DeferredOptions, true>;

/** The part of a client that asks the Batch API of its provider. */
export function createDeferred({
  options: client,
  surface,
  readThrough,
  prepare,
}: DeferredParts): Pick<Client, "deferred" | "deferredBatches"> {
  const { provider, store, storeRequest = true, cache = "default", limits } = client;
  const { deferred: api } = provider;

  function worldFor({ signal = NEVER }: DeferredOptions): World {
    if (api === undefined) throw noBatchApi(provider.id);
    if (!storeRequest)
      throw invalidOption("deferred", "storeRequest", "true: the store holds the requests until they are answered");
    if (cache !== "default") throw invalidOption("deferred", "cache", '"default"');
    if (store.flights === undefined) warnOnce(store.name);
    return { api, provider, surface, store, records: createRecords(store), readThrough, signal };
  }
  return {
    async deferred(given, options = {}) {
      checkOptions("deferred", options, KNOWN);
      checkCount("deferred", "samples", options.samples);
      checkTtl("deferred", "ttlMs", options.ttlMs);
      const world = worldFor(options);
      if (typeof given === "string") {
        const job = await openJob(world, given);
        if (job !== undefined) return job;
        throw new RememError("INVALID_OPTION", `deferred: the store knows no job ${JSON.stringify(given)}.`);
      }
      const { samples, ttlMs } = options;
      function prepared(item: Prompt | InferRequest, sample: number | undefined): Prepared {
        try {
          const own = { ...(sample !== undefined && { sample }), ...(ttlMs !== undefined && { ttlMs }) };
          return { call: prepare(item, own) };
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
      });
    },
    deferredBatches: () => listBatches(store, api, NEVER),
  };
}

const warned = new Set<string>();

function warnOnce(store: string): void {
  if (warned.has(store)) return;
  warned.add(store);
  const message = `The store "${store}" has no leases: where two processes submit equal requests at the same moment, both may be paid for. Start one at a time, or use @remem/sqlite or @remem/redis.`;
  process.emitWarning(message, { type: "RememWarning", code: "REMEM_DEFERRED_NOT_COORDINATED" });
}

/** Whether what is iterated is its own iterator, as that of a generator is. */
function isOneShot(given: Iterable<unknown> | AsyncIterable<unknown>): boolean {
  if (Symbol.asyncIterator in given) return given[Symbol.asyncIterator]() === (given as unknown);
  return given[Symbol.iterator]() === (given as unknown);
}
