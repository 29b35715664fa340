import { hash } from "node:crypto";
import type { ChatCompletion, ChatRequest } from "./chat.ts";

/** What a store holds for a key. The text it is kept as is the same in every store. */
export interface CacheEntry {
  readonly key: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds; without one the entry does not expire. */
  readonly expiresAt?: number;
  readonly completion: ChatCompletion;
  /** The request that was answered; left out where the client has `storeRequest: false`. */
  readonly request?: ChatRequest;
}

/** An entry as it lies in its text: the parts that a hit does not need are not parsed. */
export interface EntryText {
  readonly key: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  /** JSON. */
  readonly completion: string;
  /** JSON, and not yet checked against `requestDigest`. */
  readonly request: string | undefined;
  readonly requestDigest: string;
}

const VERSION = "remem/1 ";
const DIGEST = 64;
const NONE = "-";

/**
 * ```text
 * remem/1 <sha256 of this line's rest and the completion> <createdAt> <expiresAt or -> <sha256 of the request or -> <key>
 * <completion, JSON>
 * <request, JSON>
 * ```
 */
export function encodeEntry({ key, createdAt, expiresAt, completion, request }: CacheEntry): string {
  return writeEntry({
    key,
    createdAt,
    expiresAt,
    completion: JSON.stringify(completion),
    request: request && JSON.stringify(request),
  });
}

/** The entry, or `undefined` where the text is none, is of another version, or was changed anywhere since it was written. */
export function decodeEntry(text: string): CacheEntry | undefined {
  const found = readEntry(text);
  if (found === undefined) return undefined;
  const { key, createdAt, expiresAt, completion, request, requestDigest } = found;
  if (request !== undefined && hash("sha256", request) !== requestDigest) return undefined;
  return {
    key,
    createdAt,
    ...(expiresAt !== undefined && { expiresAt }),
    completion: JSON.parse(completion) as ChatCompletion,
    ...(request !== undefined && { request: JSON.parse(request) as ChatRequest }),
  };
}

/** `encodeEntry` of parts that are JSON already. */
export function writeEntry(entry: Omit<EntryText, "requestDigest">): string {
  const { key, createdAt, expiresAt, completion, request } = entry;
  const requestDigest = request === undefined ? NONE : hash("sha256", request);
  const guarded = `${createdAt} ${expiresAt ?? NONE} ${requestDigest} ${key}\n${completion}`;
  const text = `${VERSION}${hash("sha256", guarded)} ${guarded}`;
  return request === undefined ? text : `${text}\n${request}`;
}

const DIGEST_AT = VERSION.length;
const GUARDED_AT = DIGEST_AT + DIGEST + 1;

/** The parts of an entry, the first digest checked; `undefined` where it does not fit. */
export function readEntry(text: string): EntryText | undefined {
  const headerEnd = text.indexOf("\n");
  if (headerEnd < GUARDED_AT || !text.startsWith(VERSION)) return undefined;
  // JSON has no line break of its own, so the completion ends where its line does.
  const lineEnd = text.indexOf("\n", headerEnd + 1);
  const completionEnd = lineEnd === -1 ? text.length : lineEnd;
  const digest = text.slice(DIGEST_AT, GUARDED_AT - 1);
  if (text[GUARDED_AT - 1] !== " " || hash("sha256", text.slice(GUARDED_AT, completionEnd)) !== digest)
    return undefined;
  // What the digest fits is as it was written; a key may hold spaces.
  const expiryAt = text.indexOf(" ", GUARDED_AT) + 1;
  const requestDigestAt = text.indexOf(" ", expiryAt) + 1;
  const keyAt = text.indexOf(" ", requestDigestAt) + 1;
  const expiry = text.slice(expiryAt, requestDigestAt - 1);
  const requestDigest = text.slice(requestDigestAt, keyAt - 1);
  if ((requestDigest === NONE) !== (lineEnd === -1)) return undefined;
  return {
    key: text.slice(keyAt, headerEnd),
    createdAt: Number(text.slice(GUARDED_AT, expiryAt - 1)),
    expiresAt: expiry === NONE ? undefined : Number(expiry),
    completion: text.slice(headerEnd + 1, completionEnd),
    request: lineEnd === -1 ? undefined : text.slice(lineEnd + 1),
    requestDigest,
  };
}

/** When the entry that this text seems to be expires; a text that is none has no say in it. */
export function expiryOf(text: string): number | undefined {
  const [, expiresAt] = /^remem\/1 [0-9a-f]{64} \d+ (\d+) /.exec(text) ?? [];
  return expiresAt === undefined ? undefined : Number(expiresAt);
}
