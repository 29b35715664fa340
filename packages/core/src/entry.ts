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
  readonly expiresAt?: number;
  /** JSON. */
  readonly completion: string;
  /** JSON, and not yet checked against `requestDigest`. */
  readonly request?: string;
  readonly requestDigest?: string;
}

const VERSION = "remem/1";
const DIGEST = 64;
const HEADER = /^(\d+) (\d+|-) ([0-9a-f]{64}|-) (.*)$/;

/**
 * ```text
 * remem/1 <sha256 of this line's rest and the completion> <createdAt> <expiresAt or -> <sha256 of the request or -> <key>
 * <completion, JSON>
 * <request, JSON>
 * ```
 */
export function encodeEntry({ completion, request, ...facts }: CacheEntry): string {
  return writeEntry({
    ...facts,
    completion: JSON.stringify(completion),
    ...(request !== undefined && { request: JSON.stringify(request) }),
  });
}

/** The entry, or `undefined` where the text is none, is of another version, or was changed anywhere since it was written. */
export function decodeEntry(text: string): CacheEntry | undefined {
  const found = readEntry(text);
  if (found === undefined) return undefined;
  const { completion, request, requestDigest, ...facts } = found;
  if (request !== undefined && hash("sha256", request) !== requestDigest) return undefined;
  return {
    ...facts,
    completion: JSON.parse(completion) as ChatCompletion,
    ...(request !== undefined && { request: JSON.parse(request) as ChatRequest }),
  };
}

/** `encodeEntry` of parts that are JSON already. */
export function writeEntry(entry: Omit<EntryText, "requestDigest">): string {
  const { key, createdAt, expiresAt, completion, request } = entry;
  const requestDigest = request === undefined ? "-" : hash("sha256", request);
  const guarded = `${createdAt} ${expiresAt ?? "-"} ${requestDigest} ${key}\n${completion}`;
  const text = `${VERSION} ${hash("sha256", guarded)} ${guarded}`;
  return request === undefined ? text : `${text}\n${request}`;
}

/** The parts of an entry, the first digest checked; `undefined` where it does not fit. */
export function readEntry(text: string): EntryText | undefined {
  const guardedAt = VERSION.length + 1 + DIGEST + 1;
  const headerEnd = text.indexOf("\n");
  if (headerEnd < guardedAt || !text.startsWith(`${VERSION} `)) return undefined;
  const header = HEADER.exec(text.slice(guardedAt, headerEnd));
  if (header === null) return undefined;
  const [, createdAt, expiresAt, requestDigest, key] = header as unknown as [string, string, string, string, string];
  // JSON has no line break of its own, so the completion ends where its line does.
  const lineEnd = text.indexOf("\n", headerEnd + 1);
  const completionEnd = lineEnd === -1 ? text.length : lineEnd;
  const digest = text.slice(VERSION.length + 1, guardedAt - 1);
  if (text[guardedAt - 1] !== " " || hash("sha256", text.slice(guardedAt, completionEnd)) !== digest) return undefined;
  if ((requestDigest === "-") !== (lineEnd === -1)) return undefined;
  return {
    key,
    createdAt: Number(createdAt),
    ...(expiresAt !== "-" && { expiresAt: Number(expiresAt) }),
    completion: text.slice(headerEnd + 1, completionEnd),
    ...(lineEnd !== -1 && { request: text.slice(lineEnd + 1), requestDigest }),
  };
}

/** When the entry that this text seems to be expires; a text that is none has no say in it. */
export function expiryOf(text: string): number | undefined {
  const [, expiresAt] = /^remem\/1 [0-9a-f]{64} \d+ (\d+) /.exec(text) ?? [];
  return expiresAt === undefined ? undefined : Number(expiresAt);
}
