import { hash } from "node:crypto";
import type { ChatCompletion, ChatRequest } from "../chat/chat-completion.ts";

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
export function encodeEntry(entry: CacheEntry): string {
  const { key, createdAt, expiresAt, completion, request } = entry;
  return writeEntry({
    key,
    createdAt,
    expiresAt,
    completion: JSON.stringify(completion),
    request: request && JSON.stringify(request),
  });
}

/** `encodeEntry` of parts that are JSON already. */
export function writeEntry(entry: {
  readonly key: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly completion: string;
  readonly request: string | undefined;
}): string {
  const { key, createdAt, expiresAt, completion, request } = entry;
  const requestDigest = request === undefined ? NONE : hash("sha256", request);
  const guarded = `${createdAt} ${expiresAt ?? NONE} ${requestDigest} ${key}\n${completion}`;
  const text = `${VERSION}${hash("sha256", guarded)} ${guarded}`;
  return request === undefined ? text : `${text}\n${request}`;
}

/** The entry, or `undefined` where the text is none, is of another version, or was changed anywhere since it was written. */
export function decodeEntry(text: string): CacheEntry | undefined {
  const lines = linesOf(text);
  if (lines === undefined) return undefined;
  const { header, completion, request } = lines;
  const [createdAt, expiresAt, requestDigest, ...key] = header.split(" ");
  if (request === undefined ? requestDigest !== NONE : hash("sha256", request) !== requestDigest) return undefined;
  return {
    key: key.join(" "),
    createdAt: Number(createdAt),
    ...(expiresAt !== NONE && { expiresAt: Number(expiresAt) }),
    completion: JSON.parse(completion) as ChatCompletion,
    ...(request !== undefined && { request: JSON.parse(request) as ChatRequest }),
  };
}

/** What a hit needs of an entry for this key. The rest of it is neither parsed nor checked. */
export function readAnswer(
  text: string,
  key: string,
): { readonly completion: string; readonly expiresAt: number | undefined } | undefined {
  const lines = linesOf(text);
  // A space before the key: it is the whole of what stands there.
  if (lines === undefined || !lines.header.endsWith(key) || lines.header.at(-key.length - 1) !== " ") return undefined;
  return { completion: lines.completion, expiresAt: expiryIn(lines.header) };
}

/** When the entry that this text seems to be expires; a text that is none has no say in it. */
export function expiryOf(text: string): number | undefined {
  const expiresAt = text.startsWith(VERSION) ? expiryIn(text.slice(GUARDED_AT)) : undefined;
  return Number.isInteger(expiresAt) ? expiresAt : undefined;
}

const DIGEST_AT = VERSION.length;
const GUARDED_AT = DIGEST_AT + DIGEST + 1;

/** The lines, where the first digest fits: then they are as they were written. */
function linesOf(text: string): { header: string; completion: string; request: string | undefined } | undefined {
  const headerEnd = text.indexOf("\n");
  if (headerEnd < GUARDED_AT || !text.startsWith(VERSION) || text[GUARDED_AT - 1] !== " ") return undefined;
  // JSON has no line break of its own, so the completion ends where its line does.
  const lineEnd = text.indexOf("\n", headerEnd + 1);
  const completionEnd = lineEnd === -1 ? text.length : lineEnd;
  const digest = text.slice(DIGEST_AT, GUARDED_AT - 1);
  if (hash("sha256", text.slice(GUARDED_AT, completionEnd)) !== digest) return undefined;
  return {
    header: text.slice(GUARDED_AT, headerEnd),
    completion: text.slice(headerEnd + 1, completionEnd),
    request: lineEnd === -1 ? undefined : text.slice(lineEnd + 1),
  };
}

function expiryIn(header: string): number | undefined {
  const at = header.indexOf(" ") + 1;
  return header.startsWith(NONE, at) ? undefined : Number(header.slice(at, header.indexOf(" ", at)));
}
