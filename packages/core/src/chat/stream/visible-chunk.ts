import type { ChatCompletionChunk } from "./completion-chunk.ts";

/**
 * The chunk as its caller sees it: without padding, and without the usage, which is always asked of the server, unless the caller
 * asked for it. Undefined for a chunk that has nothing else.
 */
export function visibleChunk(whole: ChatCompletionChunk, showsUsage: boolean): ChatCompletionChunk | undefined {
  // Most chunks of a stored answer are seen as they are.
  if (whole.obfuscation === undefined && (showsUsage || whole.usage === undefined)) return whole;
  const { obfuscation: _, usage, ...chunk } = whole;
  if (showsUsage) return usage === undefined ? chunk : { ...chunk, usage };
  const isOfUsage = Array.isArray(chunk.choices) && chunk.choices.length === 0 && usage != null;
  return isOfUsage ? undefined : chunk;
}
