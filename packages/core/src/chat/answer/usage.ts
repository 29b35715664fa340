import type { TokenCount } from "../../contracts/surface.ts";
import type { ChatCompletion } from "../chat-completion.ts";

/** The tokens that the server counted. A value that is not a number counts as 0, so that one answer never spoils a sum. */
export function tokensOf({ usage }: ChatCompletion): TokenCount {
  return { prompt: countOf(usage?.prompt_tokens), completion: countOf(usage?.completion_tokens) };
}

function countOf(value: unknown): number {
  const count = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof count === "number" && Number.isFinite(count) && count > 0 ? count : 0;
}
