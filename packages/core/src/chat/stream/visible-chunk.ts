import type { ChatCompletionChunk } from "./completion-chunk.ts";

/**
 * Returns the chunk for its caller: without padding, and without the usage unless the caller asked for it. The client always
 * asks the server for the usage. Undefined for a chunk that has nothing else.
 */
export function visibleChunk(whole: ChatCompletionChunk, showsUsage: boolean): ChatCompletionChunk | undefined {
  // Most chunks of a stored answer need no change.
  if (whole.obfuscation === undefined && (showsUsage || whole.usage === undefined)) return whole;
  const { obfuscation: _, usage, ...chunk } = whole;
  if (showsUsage) return usage === undefined ? chunk : { ...chunk, usage };
  const isOfUsage = Array.isArray(chunk.choices) && chunk.choices.length === 0 && usage != null;
  return isOfUsage ? undefined : chunk;
}
