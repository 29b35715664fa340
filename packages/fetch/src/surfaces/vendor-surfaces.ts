import { completionsSurface } from "./completions.ts";
import { geminiSurface } from "./gemini.ts";
import type { HttpSurface } from "./http-surface.ts";
import { messagesSurface } from "./messages.ts";
import { moderationsSurface } from "./moderations.ts";
import { ollamaChatSurface, ollamaGenerateSurface } from "./ollama.ts";
import { responsesSurface } from "./responses.ts";

/**
 * The surfaces besides Chat Completions and embeddings. No address matches two of them.
 */
export const vendorSurfaces: readonly HttpSurface[] = [
  responsesSurface,
  messagesSurface,
  geminiSurface,
  ollamaChatSurface,
  ollamaGenerateSurface,
  completionsSurface,
  moderationsSurface,
];
