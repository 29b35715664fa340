import type { Surface } from "@remem/core";
import { chatCompletionsSurface } from "./chat-completions.ts";
import { completionsSurface } from "./completions.ts";
import { embeddingsSurface } from "./embeddings/embeddings.ts";
import { geminiEmbeddingsSurface } from "./embeddings/gemini-embeddings.ts";
import type { ListSurface } from "./embeddings/list-surface.ts";
import { ollamaEmbeddingsSurface } from "./embeddings/ollama-embeddings.ts";
import { geminiSurface } from "./gemini.ts";
import type { HttpSurface } from "./http-surface.ts";
import { messagesSurface } from "./messages.ts";
import { moderationsSurface } from "./moderations.ts";
import { ollamaChatSurface, ollamaGenerateSurface } from "./ollama.ts";
import { responsesSurface } from "./responses.ts";

export type AnySurface = HttpSurface<object, object> | ListSurface<object, object>;

/** The surfaces that `cachedFetch` always knows. No address matches two of them. */
export const builtInSurfaces: readonly AnySurface[] = [
  chatCompletionsSurface,
  embeddingsSurface,
  responsesSurface,
  messagesSurface,
  geminiSurface,
  geminiEmbeddingsSurface,
  ollamaChatSurface,
  ollamaGenerateSurface,
  ollamaEmbeddingsSurface,
  completionsSurface,
  moderationsSurface,
];

/** The built-in surfaces, for functions that look into a store. */
export const fetchSurfaces: ReadonlyArray<Surface<object, object>> = builtInSurfaces.map(({ surface }) => surface);
