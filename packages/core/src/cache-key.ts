import { hash } from "node:crypto";
import type { ChatRequest } from "./chat/chat-completion.ts";
import { InvalidRequestError, invalidOption, requestTooLarge } from "./errors/errors.ts";
import { canonicalMembers, type FloatsAt, floatsAt } from "./json/canonical-json.ts";
import { plainJson } from "./json/plain-json.ts";

export interface CacheKeyOptions {
  /** Whose model it is; see `LLMProvider.scope`. */
  readonly scope?: string | undefined;
  /** The n-th independent answer; 0 is the same as none. */
  readonly sample?: number | undefined;
  /** Which integral numbers Python wrote as floats, by JSON Pointer; by default `/temperature` alone. */
  readonly floats?: ((pointer: string) => boolean) | undefined;
}

/**
 * What is sent but cannot change the answer: who asks, how it is billed, routed, delivered or kept. Everything else is
 * in the key, so a parameter that is new or unknown can cost a call, never a wrong answer.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "metadata",
  "store",
  "stream",
  "stream_options",
  "service_tier",
  // vLLM and SGLang
  "request_id",
  "rid",
  "priority",
  "cache_salt",
]);

/** Always in the key, `null` where absent: a request with these alone has the key that REMem's Python class computes. */
const ALWAYS: readonly string[] = ["messages", "model", "response_format", "seed", "temperature"];

const NOT_ADDED: ReadonlySet<string> = new Set([...ALWAYS, ...LEFT_OUT]);

/**
 * The key of a request: SHA-256, in hex, of its canonical JSON.
 * @throws {InvalidRequestError} for a request that cannot be told apart from another, such as one that holds a Map.
 */
export function cacheKey(request: ChatRequest, options: CacheKeyOptions = {}): string {
  return keyOfPlain(plainJson(request) as ChatRequest, options);
}

export interface KeyOptions extends CacheKeyOptions {
  /** What the request may take, as canonical JSON. */
  readonly maxBytes?: number;
}

/** `cacheKey` of a request that is known to be plain. */
export function keyOfPlain(request: ChatRequest, options: KeyOptions): string {
  const { scope, sample = 0, floats, maxBytes = Number.POSITIVE_INFINITY } = options;
  if (!(Number.isSafeInteger(sample) && sample >= 0)) {
    throw invalidOption("cacheKey", "sample", "a whole number from 0");
  }
  if (request.remem !== undefined) {
    throw new InvalidRequestError("/remem", "is reserved: the key keeps its own facts under this name.");
  }
  const names = [...ALWAYS];
  for (const name of Object.keys(request)) {
    if (!NOT_ADDED.has(name) && !(name === "n" && request.n === 1)) names.push(name);
  }
  let keyed: ChatRequest = request;
  if (scope !== undefined || sample > 0) {
    keyed = { ...request, remem: { ...(scope !== undefined && { scope }), ...(sample > 0 && { sample }) } };
    names.push("remem");
  }
  return canonicalMembers(keyed, names, floats === undefined ? temperatureOnly : floatsAt(floats), (bytes) => {
    if (bytes.length > maxBytes) throw requestTooLarge(bytes.length, maxBytes);
    return hash("sha256", bytes);
  });
}

const temperatureOnly: FloatsAt = (path) => path[0] === "temperature" && path.length === 1;
