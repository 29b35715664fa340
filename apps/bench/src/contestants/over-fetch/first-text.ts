import type { ChatCompletionChunk } from "@remem/core";

/** Reads a stream up to the first chunk with text, as every client of one does. */
export async function firstTextIn({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  for await (const piece of body!) {
    for (const [, data] of decoder.decode(piece, { stream: true }).matchAll(/^data: (\{.*)$/gm)) {
      const { choices } = JSON.parse(data!) as ChatCompletionChunk;
      const text = choices[0]?.delta.content;
      if (text) return text;
    }
  }
  throw new Error("The stream has no text.");
}
