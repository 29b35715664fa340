import type { ChatCompletionChunk } from "@remem/core";
import type { Open } from "../../contestant.ts";
import { fetchOver, NOWHERE } from "../over-fetch.ts";

/** Reads a stream up to the first chunk with text. */
export const open: Open = async (setting) => {
  const fetch = fetchOver(setting);
  return {
    async ask(request) {
      const decoder = new TextDecoder();
      const { body } = await fetch(`${NOWHERE}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer none" },
        body: JSON.stringify({ ...request, stream: true }),
      });
      for await (const piece of body!) {
        for (const [, data] of decoder.decode(piece, { stream: true }).matchAll(/^data: (\{.*)$/gm)) {
          const { choices } = JSON.parse(data!) as ChatCompletionChunk;
          const text = choices[0]?.delta.content;
          if (text) return text;
        }
      }
      throw new Error("The stream has no text.");
    },
    close: () => fetch.close(),
  };
};
