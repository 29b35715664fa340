import { hash } from "node:crypto";
import type { JsonObject } from "../json/json-value.ts";
import { parseJson } from "../json/raw-json.ts";
import { type KeyFacts, splitKeyFacts } from "../key/cache-key.ts";

/** An entry of a store. Its text is the same in every store. */
export interface CacheEntry<Answer extends object = object, Request extends object = JsonObject> {
  /** The request's key. */
  readonly key: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds; without one the entry does not expire. */
  readonly expiresAt?: number;
  /** The answer as the surface has it. */
  readonly answer: Answer;
  /** The request that was answered, as it was keyed. Left out where the client has `storeRequest: false`. */
  readonly request?: Request;
  /** The other facts in the key. Left out if the request is left out, or if there are none. */
  readonly facts?: KeyFacts;
}

/** An entry as a store keeps it: the value that a hit reads, and the sidecar. */
export interface EntryText {
  /** The part that a hit reads. */
  readonly value: string;
  /** The request, if it is kept. */
  readonly sidecar?: string;
}

/** The facts in the first line of an entry. The digest is not checked, because that takes the answer. */
export interface EntryHead {
  /** The request's key. */
  readonly key: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds; without one the entry does not expire. */
  readonly expiresAt?: number;
  /** Whether the entry was stored with its request. */
  readonly hasRequest: boolean;
  /** The request, if the sidecar was given and belongs to this entry. */
  readonly request?: JsonObject;
  /** The other facts in the key. */
  readonly facts?: KeyFacts;
}

const VERSION = "remem/1 ";
const DIGEST = 64;
const NONE = "-";

/**
 * Writes an entry as one text:
 *
 * ```text
 * remem/1 <sha256 of this line's rest and the answer> <createdAt> <expiresAt or -> <sha256 of the request or -> <key>
 * <answer, JSON>
 * <request, JSON, with its `KeyFacts` as the member `remem`>
 * ```
 */
export function encodeEntry(entry: CacheEntry<object, object>): string {
  const { key, createdAt, expiresAt, answer, request, facts = {} } = entry;
  const keyed = request && (Object.keys(facts).length === 0 ? request : { ...request, remem: facts });
  return joinEntry(
    writeEntry({
      key,
      createdAt,
      expiresAt,
      answer: JSON.stringify(answer),
      request: keyed && JSON.stringify(keyed),
    }),
  );
}

/** Writes an entry of parts that are JSON already. The request is one that `withKeyFacts` made. */
export function writeEntry(entry: {
  readonly key: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly answer: string;
  readonly request: string | undefined;
}): EntryText {
  const { key, createdAt, expiresAt, answer, request } = entry;
  const requestDigest = request === undefined ? NONE : hash("sha256", request);
  const guarded = `${createdAt} ${expiresAt ?? NONE} ${requestDigest} ${key}\n${answer}`;
  const value = `${VERSION}${hash("sha256", guarded)} ${guarded}`;
  return request === undefined ? { value } : { value, sidecar: request };
}

/** The one text of an entry, for stores without sidecars and for files. */
export function joinEntry({ value, sidecar }: EntryText): string {
  return sidecar === undefined ? value : `${value}\n${sidecar}`;
}

/** Undoes `joinEntry`. A text that is not an entry stays the same. */
export function splitEntry(text: string): EntryText {
  const lines = linesOf(text);
  if (lines?.request === undefined) return { value: text };
  return { value: text.slice(0, -lines.request.length - 1), sidecar: lines.request };
}

/**
 * Reads an entry. Returns `undefined` if the text is not an entry, is of another version, or was changed since it was written.
 * The request is left out if its sidecar was lost, or belongs to another value.
 */
export function decodeEntry<Answer extends object = object, Request extends object = JsonObject>(
  value: string,
  sidecar?: string,
): CacheEntry<Answer, Request> | undefined {
  const lines = linesOf(value);
  if (lines === undefined) return undefined;
  const { header, answer } = lines;
  const [createdAt, expiresAt, requestDigest, ...key] = header.split(" ");
  const isIntact = (text: string): boolean => hash("sha256", text) === requestDigest;
  if (lines.request !== undefined && !isIntact(lines.request)) return undefined;
  const request = lines.request ?? (sidecar !== undefined && isIntact(sidecar) ? sidecar : undefined);
  return {
    key: key.join(" "),
    createdAt: Number(createdAt),
    ...(expiresAt !== NONE && { expiresAt: Number(expiresAt) }),
    answer: JSON.parse(answer) as Answer,
    ...(request !== undefined && keyedIn<Request>(request)),
  };
}

/**
 * Reads the first line of an entry, and the request beside it, as a store's `heads` gives them. Returns `undefined` if the line
 * does not begin an entry of this version.
 */
export function decodeHead(head: string, sidecar?: string): EntryHead | undefined {
  const [, createdAt, expiresAt, requestDigest, key] = HEAD.exec(head) ?? [];
  if (key === undefined) return undefined;
  return {
    key,
    createdAt: Number(createdAt),
    ...(expiresAt !== NONE && { expiresAt: Number(expiresAt) }),
    hasRequest: requestDigest !== NONE,
    ...(sidecar !== undefined && hash("sha256", sidecar) === requestDigest && keyedIn(sidecar)),
  };
}

const HEAD = /^remem\/1 [\da-f]{64} (\d+) (\d+|-) ([\da-f]{64}|-) (.+)$/;

function keyedIn<Request extends object>(json: string): Pick<CacheEntry<object, Request>, "request" | "facts"> {
  const { request, facts } = splitKeyFacts(parseJson(json) as JsonObject);
  return { request: request as object as Request, ...(Object.keys(facts).length > 0 && { facts }) };
}

/** Returns the parts of an entry that a hit for this key needs. The rest is neither parsed nor checked. */
export function decodeForHit(
  text: string,
  key: string,
): { readonly answer: string; readonly expiresAt: number | undefined } | undefined {
  const lines = linesOf(text);
  // The space shows that this is the whole key.
  if (lines === undefined || !lines.header.endsWith(key) || lines.header.at(-key.length - 1) !== " ") return undefined;
  return { answer: lines.answer, expiresAt: expiryIn(lines.header) };
}

/** The longest `head` of a `StoredHead`: several times the first line of an entry. */
export const MAX_HEAD_LENGTH: number = 1_024;

/** The `head` of a value in a `StoredHead`. */
export function headOf(value: string): string {
  const start = value.slice(0, MAX_HEAD_LENGTH);
  const end = start.indexOf("\n");
  return end === -1 ? start : start.slice(0, end);
}

/** When the entry in this text expires. Undefined for an entry that does not, and for any other text. */
export function expiryOf(text: string): number | undefined {
  const expiresAt = text.startsWith(VERSION) ? expiryIn(text.slice(GUARDED_AT)) : undefined;
  return Number.isInteger(expiresAt) ? expiresAt : undefined;
}

const DIGEST_AT = VERSION.length;
const GUARDED_AT = DIGEST_AT + DIGEST + 1;

/** The lines, if the first digest matches them; undefined otherwise. */
function linesOf(text: string): { header: string; answer: string; request: string | undefined } | undefined {
  const headerEnd = text.indexOf("\n");
  if (headerEnd < GUARDED_AT || !text.startsWith(VERSION) || text[GUARDED_AT - 1] !== " ") return undefined;
  // JSON has no line break of its own, so the answer ends where its line does.
  const lineEnd = text.indexOf("\n", headerEnd + 1);
  const answerEnd = lineEnd === -1 ? text.length : lineEnd;
  const digest = text.slice(DIGEST_AT, GUARDED_AT - 1);
  if (hash("sha256", text.slice(GUARDED_AT, answerEnd)) !== digest) return undefined;
  return {
    header: text.slice(GUARDED_AT, headerEnd),
    answer: text.slice(headerEnd + 1, answerEnd),
    request: lineEnd === -1 ? undefined : text.slice(lineEnd + 1),
  };
}

function expiryIn(header: string): number | undefined {
  const at = header.indexOf(" ") + 1;
  return header.startsWith(NONE, at) ? undefined : Number(header.slice(at, header.indexOf(" ", at)));
}
