import { type CacheStore, type JsonObject, type KeyFacts, readEntry } from "@remem/core";
import { checkCount, decodeHead, splitEntry } from "@remem/core/plugin";
import { scan } from "../scan.ts";
import { checkInspectOptions, type InspectOptions } from "../surfaces.ts";
import { type Difference, differencesOf } from "./differences.ts";
import { type Parts, partsMaker } from "./parts.ts";
import { rankingFor } from "./ranking.ts";

/** A request as `client.keyOf` gives it. */
export interface AskedRequest {
  /** SHA-256, in hex. */
  readonly key: string;
  /** The request with the client's parameters. */
  readonly request: JsonObject;
  /** What is keyed besides. */
  readonly facts: KeyFacts;
}

/** The options of `explain`. */
export interface ExplainOptions extends InspectOptions {
  /** How many of the nearest entries are told. 3 by default. */
  readonly limit?: number | undefined;
}

/** Whether a request would be a hit, and if not, what is stored instead. */
export interface Explanation {
  /** The key that was looked for. */
  readonly key: string;
  /** Whether the store has an answer for it. */
  readonly isStored: boolean;
  /** The most alike entries and how the request differs from them, best first. None where the request is stored. */
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
  /** How alike the requests are, from 0 to 1. */
  readonly likeness: number;
  /** Empty where the entry keeps nothing that differs. */
  readonly differences: readonly Difference[];
}

interface Candidate {
  readonly key: string;
  readonly createdAt: number;
  readonly parts: Parts;
  readonly likeness: number;
}

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
  const best: Candidate[] = [];
  let compared = 0;
  let skipped = 0;
  for await (const { key, head, value, sidecar } of scan(store)) {
    const stored = requestIn(sidecar ?? (value === undefined ? undefined : splitEntry(value).sidecar));
    const createdAt = decodeHead(head)?.createdAt;
    if (stored === undefined || createdAt === undefined) {
      skipped += 1;
      continue;
    }
    compared += 1;
    const { remem: facts = {}, ...request } = stored;
    const parts = partsOf(request, facts as KeyFacts);
    const likeness = ranking.score(parts);
    if (best.length === limit && likeness <= best.at(-1)!.likeness) continue;
    best.push({ key, createdAt, parts, likeness });
    best.sort((one, other) => other.likeness - one.likeness);
    best.length = Math.min(best.length, limit);
  }
  return { key, isStored: false, nearest: best.map((candidate) => nearestEntry(candidate, own)), compared, skipped };
}

function nearestEntry({ key, createdAt, parts, likeness }: Candidate, asked: Parts): NearestEntry {
  const isPython = createdAt === 0;
  const comparable = isPython
    ? { ...parts, facts: asked.facts, parameters: asked.parameters, tools: asked.tools }
    : parts;
  return {
    key,
    createdAt: isPython ? undefined : createdAt,
    writer: isPython ? "python" : "remem",
    likeness,
    differences: differencesOf(comparable, asked),
  };
}

function requestIn(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const request: unknown = JSON.parse(text);
    return typeof request === "object" && request !== null && !Array.isArray(request)
      ? (request as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
