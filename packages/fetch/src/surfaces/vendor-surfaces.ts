import type { HttpSurface } from "./http-surface.ts";
import { responsesSurface } from "./responses.ts";

/**
 * The surfaces besides Chat Completions and embeddings. No address matches two of them.
 * @internal
 */
export const vendorSurfaces: readonly HttpSurface[] = [responsesSurface];
