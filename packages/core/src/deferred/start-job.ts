import type { ChatCompletion, ChatRequest } from "../chat/chat-completion.ts";
import { estimateTokens } from "../chat/estimate-tokens.ts";
import type { Call } from "../contracts/call.ts";
import { asRememError, type RememError, requestTooLarge } from "../errors/errors.ts";
import type { JsonObject } from "../json/json-value.ts";
import { splitKeyFacts, withKeyFacts } from "../key/cache-key.ts";
import type { Budget } from "../limits/limits.ts";
import type { DeferredJob } from "./deferred-job.ts";
import type { Item } from "./items.ts";
import { createJob, type JobState, jobId, notedItems, noteItems, type Prepared } from "./job.ts";
import { type Claim, claimFor, claimOf, errorNote } from "./notes.ts";
import { createFiller, type Filler, type World } from "./submitter.ts";
import { pagesOf, type Waiting } from "./tracker.ts";

type AnyCall = Call<ChatRequest, ChatCompletion>;

export interface JobSource {
  /** Prepares all calls. May be called again where `canRepeat`. */
  prepared(): AsyncIterable<Prepared> | Iterable<Prepared>;
  readonly canRepeat: boolean;
  readonly budget: Budget<ChatRequest, ChatCompletion> | undefined;
}

const PAGE = 256;

/** Starts a job, or goes on with it: submits what is neither stored nor in a batch. */
export async function startJob(world: World, source: JobSource): Promise<DeferredJob> {
  const items: Item[] = [];
  const waiting: Waiting = { tokens: new Map(), notes: new Map() };
  const begun = new Set<string>();
  const unasked = new Set<string>();
  let refusal: RememError | undefined;
  const filler = createFiller(world);

  async function take(page: readonly Prepared[]): Promise<void> {
    const calls = page.flatMap((one) => ("call" in one && !begun.has(one.call.key) ? one.call : []));
    const found = await world.readThrough.find(calls);
    const missing = calls.filter((_, index) => found[index] === undefined).map(({ key }) => key);
    const stored = new Set(calls.filter((_, index) => found[index] !== undefined).map(({ key }) => key));
    const known = await world.records.getMany<Claim>(missing.map(claimOf));
    const claims = new Map(missing.map((key, index) => [key, known[index]]));
    for (const one of page) {
      if ("error" in one) {
        items.push(`!${JSON.stringify(errorNote(asRememError(one.error, world.provider.id)))}`);
        continue;
      }
      const { key } = one.call;
      if (stored.has(key)) items.push(`h${key}`);
      else if (begun.has(key)) items.push(`r${key}`);
      else {
        const item = await ask(one.call, claims.get(key));
        if (item[0] !== "!") begun.add(key);
        items.push(item);
      }
    }
  }
  /** Finds the batch that asks for the answer, or adds the request to one. */
  async function ask(call: AnyCall, known: Claim | undefined): Promise<Item> {
    const { key, request } = call;
    const item = `m${key}`;
    if (known?.outcome !== undefined) return item;
    if (known !== undefined) {
      waiting.tokens.set(key, known.token);
      return item;
    }
    const error = tooLarge(world, key, request);
    if (error !== undefined) return `!${JSON.stringify(errorNote(error))}`;
    if (refusal === undefined) {
      try {
        await source.budget?.reserve(request, estimateTokens(request));
      } catch (thrown) {
        refusal = asRememError(thrown, world.provider.id);
      }
    }
    if (refusal !== undefined) unasked.add(key);
    else waiting.tokens.set(key, await claim(world, filler, call));
    return item;
  }

  try {
    let page: Prepared[] = [];
    for await (const one of source.prepared()) {
      world.signal.throwIfAborted();
      page.push(one);
      if (page.length < PAGE) continue;
      await take(page);
      page = [];
    }
    await take(page);
    await filler.finish();
  } finally {
    await filler[Symbol.asyncDispose]();
  }
  const id = jobId(items);
  const before = await notedItems(world, id);
  if (before === undefined) await noteItems(world, id, items);
  return createJob(world, { id, items: before ?? items, waiting, unasked, refusal, calls: repeated(source) });
}

/** Opens a job of another process. Undefined where the store does not know it. */
export async function openJob(world: World, id: string): Promise<DeferredJob | undefined> {
  const items = await notedItems(world, id);
  if (items === undefined) return undefined;
  const waiting: Waiting = { tokens: new Map(), notes: new Map() };
  const asked = items.flatMap((item) => (item[0] === "m" ? item.slice(1) : []));
  for (const keys of pagesOf(asked)) {
    const claims = await world.records.getMany<Claim>(keys.map(claimOf));
    for (const [index, key] of keys.entries()) {
      const claim = claims[index];
      if (claim !== undefined && claim.outcome === undefined) waiting.tokens.set(key, claim.token);
    }
  }
  return createJob(world, { id, items, waiting, unasked: new Set(), refusal: undefined, calls: undefined });
}

/** A function of its own: one within `startJob` would keep everything there in memory. */
function repeated(source: JobSource): JobState["calls"] {
  return source.canRepeat
    ? async function* () {
        yield* source.prepared();
      }
    : undefined;
}

/** Claims a request for a batch, unless another process has: returns the batch that has it. */
async function claim(world: World, filler: Filler, call: AnyCall): Promise<string> {
  const { surface, key, request, keyed, keyOptions } = call;
  const { facts } = splitKeyFacts(withKeyFacts(surface, keyed as object as JsonObject, keyOptions));
  return filler.add(key, request, async (token) => {
    const claimed = await world.records.claim(claimOf(key), claimFor(call, token, facts));
    return claimed.token === token ? token : claimed.token; // One text for all that have it.
  });
}

function tooLarge({ api }: World, key: string, request: ChatRequest): RememError | undefined {
  const { maxBytes } = api.limits;
  const bytes = Buffer.byteLength(api.line(key, request)) + 1;
  return bytes > maxBytes ? requestTooLarge(bytes, maxBytes) : undefined;
}
