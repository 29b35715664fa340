import type { JsonObject } from "@remem/core";

/** An error as OpenAI's servers write it. */
export const openaiError = (message: string, code: string): JsonObject => ({
  error: { message, type: "remem", param: null, code },
});
