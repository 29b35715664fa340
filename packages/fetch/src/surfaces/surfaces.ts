import { chatCompletions } from "./chat.ts";
import { embeddings } from "./embeddings.ts";
import type { HttpSurface } from "./http-surface.ts";
import type { ListSurface } from "./list-surface.ts";

export type AnySurface = HttpSurface<object, object> | ListSurface<object, object>;

/** What `cachedFetch` caches without being told. */
export const builtInSurfaces = [chatCompletions, embeddings] as unknown as readonly AnySurface[];
