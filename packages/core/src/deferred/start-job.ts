import type { Call } from "../contracts/call.ts";
import { asRememError, type RememError, requestTooLarge } from "../errors/errors.ts";
import type { JsonObject } from "../json/json-value.ts";
import { type KeyFacts, splitKeyFacts, withKeyFacts } from "../key/cache-key.ts";
import type { Budget } from "../limits/limits.ts";
import type { DeferredJob } from "./deferred-job.ts";
import { type Addition, createFiller } from "./filler.ts";
import type { Item } from "./items.ts";
import { createJob, type JobState, jobId, notedItems, noteItems, type Prepared } from "./job.ts";
import { type Claim, claimFor, claimOf, errorNote } from "./notes.ts";
import { bytesOf, type World } from "./submitter.ts";
import { pagesOf, settle, type Waiting } from "./tracker.ts";

type AnyCall = Call<object, object>;

export interface JobSource {
  /** Prepares all calls. May be called again if `canRepeat`. */
  prepared(): AsyncIterable<Prepared> | Iterable<Prepared>;
  readonly canRepeat: boolean;
  readonly budget: Budget | undefined;
  /** Estimates the tokens of a request and its answer. */
  estimate(request: object): number;
}

/** A request that no batch asks for yet. */
interface Wanted extends Addition {
  readonly call: AnyCall;
  /** Its index in the job. */
  readonly place: number;
}

const PAGE = 256;

/** Starts or continues a job: submits the requests that are neither stored nor in a batch. */
export async function startJob(world: World, source: JobSource): Promise<DeferredJob<object>> {
  const items: Item[] = [];
  const waiting: Waiting = { tokens: new Map(), notes: new Map(), reserved: new Map() };
  const begun = new Set<string>();
  const unasked = new Set<string>();
  let refusal: RememError | undefined;
  const filler = createFiller(world);

  async function take(page: readonly Prepared[]): Promise<void> {
    const calls = page.flatMap((one) => ("call" in one && !begun.has(one.call.key) ? one.call : []));
    const stored = await storedOf(world, calls);
    const missing = calls.filter(({ key }) => !stored.has(key)).map(({ key }) => key);
    const known = await world.records.getMany<Claim>(missing.map(claimOf));
    const claims = new Map(missing.map((key, index) => [key, known[index]]));
    const wanted: Wanted[] = [];
    for (const one of page) {
      if ("error" in one) {
        items.push(failed(asRememError(one.error, world.provider.id)));
        continue;
      }
      const { call } = one;
      const { key } = call;
      if (stored.has(key)) items.push(`h${key}`);
      else if (begun.has(key)) items.push(`r${key}`);
      else items.push(await ask(call, claims.get(key), wanted));
    }
    const claimed = await filler.add(wanted, (token, part) => claim(world, token, part));
    for (const [index, { key, place }] of wanted.entries()) {
      const token = claimed[index];
      if (token !== undefined) waiting.tokens.set(key, token);
      else {
        items[place] = `h${key}`;
        settle(world, waiting, key, undefined);
      }
    }
  }
  /** Finds the batch that asks for the answer, or else adds the request to `wanted`. */
  async function ask(call: AnyCall, known: Claim | undefined, wanted: Wanted[]): Promise<Item> {
    const { key, request } = call;
    if (known === undefined) {
      const bytes = bytesOf(world.api, key, request);
      const error = tooLarge(world, bytes);
      if (error !== undefined) return failed(error);
      if (await isAllowed(key, request)) wanted.push({ key, request, bytes, call, place: items.length });
      else unasked.add(key);
    } else if (known.outcome === undefined) waiting.tokens.set(key, known.token);
    begun.add(key);
    return `m${key}`;
  }
  async function isAllowed(key: string, request: object): Promise<boolean> {
    if (refusal !== undefined) return false;
    try {
      const settle = await source.budget?.reserve(request, source.estimate(request));
      if (settle !== undefined) waiting.reserved.set(key, settle);
      return true;
    } catch (thrown) {
      refusal = asRememError(thrown, world.provider.id);
      return false;
    }
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

/** Opens a job of another process. Undefined if the store does not know it. */
export async function openJob(world: World, id: string): Promise<DeferredJob<object> | undefined> {
  const items = await notedItems(world, id);
  if (items === undefined) return undefined;
  const waiting: Waiting = { tokens: new Map(), notes: new Map(), reserved: new Map() };
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

/** Outside of `startJob`: a closure there would keep all its variables in memory. */
function repeated(source: JobSource): JobState["calls"] {
  return source.canRepeat
    ? async function* () {
        yield* source.prepared();
      }
    : undefined;
}

/**
 * Claims requests for a batch, unless another process has claimed them. Returns for each the batch that has it, or undefined if
 * its answer has been stored meanwhile.
 */
async function claim(
  { records, ...world }: World,
  token: string,
  part: readonly Wanted[],
): Promise<ReadonlyArray<string | undefined>> {
  const claims = await records.claimMany(
    part.map(({ key, call }) => [claimOf(key), claimFor(call, token, factsOf(call))] as const),
  );
  const won = part.flatMap(({ call }, index) => (claims[index]!.token === token ? call : []));
  // Another process may have stored an answer, and given up its claim, since the store was read.
  const late = await storedOf(world, won);
  await records.deleteMany([...late].map(claimOf));
  // All requests of the batch share one string.
  return part.map(({ key }, index) => {
    const claimed = claims[index]!.token;
    return late.has(key) ? undefined : claimed === token ? token : claimed;
  });
}

/** The keys of the calls whose answers are stored. */
async function storedOf({ readThrough }: Pick<World, "readThrough">, calls: readonly AnyCall[]): Promise<Set<string>> {
  const found = calls.length === 0 ? [] : await readThrough.find(calls);
  return new Set(calls.filter((_, index) => found[index] !== undefined).map(({ key }) => key));
}

function factsOf({ surface, keyed, keyOptions }: AnyCall): KeyFacts {
  return splitKeyFacts(withKeyFacts(surface, keyed as object as JsonObject, keyOptions)).facts;
}

function tooLarge({ api }: World, bytes: number): RememError | undefined {
  const { maxBytes } = api.limits;
  return bytes > maxBytes ? requestTooLarge(bytes, maxBytes) : undefined;
}

function failed(error: RememError): Item {
  return `!${JSON.stringify(errorNote(error))}`;
}
