import type { CacheKeyOptions } from "../contracts/call.ts";
import { plainJson } from "../json/plain-json.ts";
import { surfaceKey } from "../key/cache-key.ts";
import type { ChatRequest } from "./chat-completion.ts";
import { chatSurface } from "./chat-surface.ts";
import { withExtraBody } from "./request/extra-body.ts";

/**
 * The key of a chat request: SHA-256, in hex, of its canonical JSON.
 * @throws {InvalidRequestError} for a request that JSON cannot represent, such as one with a Map
 */
export function cacheKey(request: ChatRequest, options: CacheKeyOptions = {}): string {
  const signedZero = options.floats !== undefined; // Python tells -0.0 from 0.0.
  return surfaceKey(chatSurface, withExtraBody(plainJson(request, { signedZero }) as ChatRequest), options);
}
