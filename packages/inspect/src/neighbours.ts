import type { CacheStore, JsonObject, JsonValue, KeyFacts } from "@remem/core";
import { decodeHead, type EntryHead } from "@remem/core/plugin";
import { type Parts, partsMaker } from "./explain/parts.ts";
import { parsedRequest, requestText } from "./requests.ts";
import { scan } from "./scan.ts";
import { checkInspectOptions, type InspectOptions } from "./surfaces.ts";

/** An entry beside another one. */
export interface Neighbour {
  /** Its key. */
  readonly key: string;
  /** The model that was asked. */
  readonly model: string | undefined;
  /** The n-th independent answer. */
  readonly sample: number;
  /** Unix milliseconds. Undefined for a row of REMem's Python class. */
  readonly createdAt: number | undefined;
  /** How many messages its request has. */
  readonly messages: number;
  /** The members besides the messages that differ: `model`, `temperature`, `tools`, `scope`. */
  readonly differing: readonly string[];
  /** The values of these members here, if they are numbers, short texts or booleans; `null` if a member is not set. */
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

/** The entries beside an entry. Each list has the nearest first and is bounded. */
export interface Neighbours {
  /** The same conversation, fewer messages ago: the longest is first. */
  readonly earlier: readonly Neighbour[];
  /** The same conversation with more messages: the shortest is first. */
  readonly later: readonly Neighbour[];
  /** Other samples of the same request. */
  readonly samples: readonly Neighbour[];
  /** The same messages for another model. */
  readonly models: readonly Neighbour[];
  /** The same messages with other parameters, tools or servers. */
  readonly others: readonly Neighbour[];
}

/** The maximum length of each list. */
const MOST = 50;
/** A longer text is not a setting that distinguishes entries. */
const SHORT = 80;

/**
 * Finds entries whose requests have the same messages as that of an entry, or the beginning of them. Undefined if the entry is
 * missing or has no request. Reads the requests of the whole store.
 * @throws {StoreError} if the store cannot list its entries
 */
export async function neighbours(
  store: CacheStore,
  key: string,
  options: InspectOptions = {},
): Promise<Neighbours | undefined> {
  checkInspectOptions("neighbours", options, { surfaces: true });
  const value = await store.get(key);
  if (value === undefined) return undefined;
  const sidecar = await store.getSidecar?.(key);
  const own = conversationOf(sidecar ?? (await requestText(store, key, value, value)), options);
  if (own === undefined || own.messages.length === 0) return undefined;
  const found = { earlier: [], later: [], samples: [], models: [], others: [] } as Record<
    keyof Neighbours,
    Neighbour[]
  >;
  for await (const { key: other, head, value, sidecar } of scan(store)) {
    const decoded = other === key ? undefined : decodeHead(head);
    if (decoded === undefined) continue;
    const conversation = conversationOf(sidecar ?? (await requestText(store, other, head, value)), options);
    const kind = conversation && kindOf(own, conversation);
    if (kind !== undefined) add(found[kind], kind, neighbourOf(other, decoded, own, conversation!));
  }
  return found;
}

interface Conversation {
  readonly request: JsonObject;
  readonly facts: KeyFacts;
  readonly parts: Parts;
  readonly messages: readonly string[];
}

function conversationOf(text: string | undefined, options: InspectOptions): Conversation | undefined {
  const stored = parsedRequest(text);
  if (stored === undefined) return undefined;
  const { remem: facts = {}, ...request } = stored;
  const parts = partsMaker(options)(request, facts as KeyFacts);
  try {
    return { request, facts: facts as KeyFacts, parts, messages: parts.messages.map((one) => JSON.stringify(one)) };
  } catch {
    return undefined; // Nested more deeply than the stack allows.
  }
}

function kindOf(own: Conversation, { messages, request, facts, parts }: Conversation): keyof Neighbours | undefined {
  const shared = Math.min(own.messages.length, messages.length);
  if (shared === 0 || (own.facts.surface ?? "") !== (facts.surface ?? "")) return undefined;
  for (let index = 0; index < shared; index++) if (own.messages[index] !== messages[index]) return undefined;
  if (messages.length < own.messages.length) return "earlier";
  if (messages.length > own.messages.length) return "later";
  if (own.request.model !== request.model) return "models";
  return differingOf(own, { parts, request, facts, messages }).every((name) => name === "sample")
    ? "samples"
    : "others";
}

function neighbourOf(key: string, { createdAt }: EntryHead, own: Conversation, other: Conversation): Neighbour {
  const { request, facts, messages } = other;
  const differing = differingOf(own, other);
  return {
    key,
    model: typeof request.model === "string" && request.model !== "" ? request.model : undefined,
    sample: facts.sample ?? 0,
    createdAt: createdAt === 0 ? undefined : createdAt,
    messages: messages.length,
    differing,
    values: shortValues(membersOf(other), differing),
  };
}

function shortValues(members: Members, names: readonly string[]): Record<string, string | number | boolean | null> {
  const values: Record<string, string | number | boolean | null> = {};
  for (const name of names) {
    const value = members[name] ?? null;
    const isLong = typeof value === "string" && value.length > SHORT;
    if (!isLong && (value === null || typeof value !== "object")) values[name] = value;
  }
  return values;
}

type Members = Readonly<Record<string, JsonValue>>;

function membersOf({ parts: { parameters, tools, facts } }: Conversation): Members {
  return { ...parameters, ...(tools.length > 0 && { tools }), ...(facts as JsonObject) };
}

function differingOf(own: Conversation, other: Conversation): string[] {
  const [one, two] = [membersOf(own), membersOf(other)];
  return [...new Set([...Object.keys(one), ...Object.keys(two)])].filter(
    (name) => JSON.stringify(one[name]) !== JSON.stringify(two[name]),
  );
}

/** Keeps the nearest: by the number of messages, and then the newest. */
function add(list: Neighbour[], kind: keyof Neighbours, neighbour: Neighbour): void {
  const towards = kind === "earlier" ? -1 : 1;
  list.push(neighbour);
  list.sort(
    (one, other) =>
      towards * (one.messages - other.messages) ||
      one.differing.length - other.differing.length ||
      one.sample - other.sample ||
      (other.createdAt ?? 0) - (one.createdAt ?? 0),
  );
  list.length = Math.min(list.length, MOST);
}
