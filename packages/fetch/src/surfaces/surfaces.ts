import { chatCompletions } from "./chat.ts";
import type { HttpSurface } from "./http-surface.ts";

/** What `cachedFetch` caches without being told. */
export const builtInSurfaces: ReadonlyArray<HttpSurface<never, never>> = [chatCompletions as never];
