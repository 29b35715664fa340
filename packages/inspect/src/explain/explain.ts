import { type CacheStore, type JsonObject, type KeyFacts, readEntry } from "@remem/core";
import { checkCount, decodeHead } from "@remem/core/plugin";
import { parsedRequest, requestText } from "../requests.ts";
import { scan } from "../scan.ts";
import { checkInspectOptions, type InspectOptions } from "../surfaces.ts";
import { createComparer, type Difference } from "./differences.ts";
import { type Parts, partsMaker } from "./parts.ts";
import { rankingFor } from "./ranking.ts";
import { allWordsOf, shareOfSample } from "./words.ts";

/** A request as `client.keyOf` gives it. */
export interface AskedRequest {
  /** SHA-256, in hex. */
  readonly key: string;
  /** The request with the client's parameters. */
  readonly request: JsonObject;
  /** The other data in the key. */
  readonly facts: KeyFacts;
}

/** The options of `explain`. */
export interface ExplainOptions extends InspectOptions {
  /** The maximum number of nearest entries in the result. 3 by default. */
  readonly limit?: number | undefined;
}

/** Whether a request would be a hit, and if not, the entries that are most alike. */
export interface Explanation {
  /** The key of the request. */
  readonly key: string;
  /** Whether the store has an answer for it. */
  readonly isStored: boolean;
  /** The entries that are most alike and how the request differs from them, best first. Empty if the request is stored. */
  readonly nearest: readonly NearestEntry[];
  /** How many entries were compared. */
  readonly compared: number;
  /** How many entries could not be compared, because they were stored without their request or are damaged. */
  readonly skipped: number;
}

/** A stored entry, and how the request differs from it. */
export interface NearestEntry {
  /** The key of the stored request. */
  readonly key: string;
  /** Unix milliseconds. Undefined for a row of REMem's Python class. */
  readonly createdAt: number | undefined;
  /** `"python"` is a row of REMem's Python class, which keeps the messages alone. */
  readonly writer: "remem" | "python";
  /** How alike the requests are, from 0 to 1. At most 0.99 if anything differs, even a single space. */
  readonly likeness: number;
  /** Empty if the entry keeps nothing that differs. */
  readonly differences: readonly Difference[];
}

/** The limit for requests that differ: the likeness compares words, so an additional space would not lower it. */
const MOST_ALIKE = 0.99;

interface Candidate {
  readonly key: string;
  readonly createdAt: number;
  readonly parts: Parts;
  readonly likeness: number;
}

/** A request that was compared by a sample. */
interface LongCandidate extends Pick<Candidate, "key" | "likeness"> {
  readonly createdAt: number | undefined;
}

/** Requests of more bytes are first compared by a sample, if the store gives one: reading them takes most of the time. */
const SAMPLE_ABOVE = 32 * 1024;
/** The number of these that are read as a whole, besides those in the result. */
const LONG_CANDIDATES = 20;

/**
 * Tells whether a request would be a hit. If not, it looks through all entries for the most alike ones, and compares those with the
 * request field by field.
 * @throws {StoreError} if the store cannot list its entries
 */
export async function explain(
  store: CacheStore,
  asked: AskedRequest,
  options: ExplainOptions = {},
): Promise<Explanation> {
  checkInspectOptions("explain", options, { surfaces: true, limit: true });
  checkCount("explain", "limit", options.limit);
  const { limit = 3 } = options;
  const { key } = asked;
  if ((await readEntry(store, key)) !== undefined) return { key, isStored: true, nearest: [], compared: 0, skipped: 0 };

  const partsOf = partsMaker(options);
  const own = partsOf(asked.request, asked.facts);
  const ranking = rankingFor(own);
  const best = createBest<Candidate>(limit);
  const likely = createBest<LongCandidate>(limit + LONG_CANDIDATES);
  let compared = 0;
  let skipped = 0;

  function compare(key: string, createdAt: number | undefined, text: string | undefined): void {
    const stored = parsedRequest(text);
    if (stored === undefined || createdAt === undefined) {
      skipped += 1;
      return;
    }
    const { remem: facts = {}, ...request } = stored;
    const parts = partsOf(request, facts as KeyFacts);
    const likeness = scoreOf(parts);
    if (likeness === undefined) skipped += 1;
    else {
      compared += 1;
      best.add({ key, createdAt, parts, likeness });
    }
  }

  /** Undefined for a request that is nested more deeply than the stack allows. */
  function scoreOf(parts: Parts): number | undefined {
    try {
      return ranking.score(parts);
    } catch {
      return undefined;
    }
  }

  const words = allWordsOf(JSON.stringify(asked.request));
  for await (const { key, head, value, sidecar, isSample } of scan(store, { sampleAbove: SAMPLE_ABOVE })) {
    const createdAt = decodeHead(head)?.createdAt;
    if (isSample !== true) compare(key, createdAt, sidecar ?? (await requestText(store, key, head, value)));
    else likely.add({ key, createdAt, likeness: shareOfSample(sidecar!, words) });
  }
  for (const { key, createdAt } of likely.list) compare(key, createdAt, await store.getSidecar?.(key));
  compared += likely.left();
  const differencesOf = await createComparer();
  return {
    key,
    isStored: false,
    nearest: best.list.map((candidate) => nearestEntry(candidate, own, differencesOf)),
    compared,
    skipped,
  };
}

/** The best of many, best first. */
interface Best<Item> {
  readonly list: readonly Item[];
  add(item: Item): void;
  /** The number of added items that are not in the list. */
  left(): number;
}

function createBest<Item extends { readonly likeness: number }>(most: number): Best<Item> {
  const list: Item[] = [];
  let added = 0;
  return {
    list,
    add(item) {
      added += 1;
      if (list.length === most && item.likeness <= list.at(-1)!.likeness) return;
      list.push(item);
      list.sort((one, other) => other.likeness - one.likeness);
      list.length = Math.min(list.length, most);
    },
    left: () => added - list.length,
  };
}

function nearestEntry(
  { key, createdAt, parts, likeness }: Candidate,
  asked: Parts,
  differencesOf: (stored: Parts, asked: Parts) => Difference[],
): NearestEntry {
  const isPython = createdAt === 0;
  const comparable = isPython
    ? { ...parts, facts: asked.facts, parameters: asked.parameters, tools: asked.tools }
    : parts;
  const differences = differencesOf(comparable, asked);
  return {
    key,
    createdAt: isPython ? undefined : createdAt,
    writer: isPython ? "python" : "remem",
    likeness: differences.length === 0 ? likeness : Math.min(likeness, MOST_ALIKE),
    differences,
  };
}
