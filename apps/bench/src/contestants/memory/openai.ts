import OpenAI from "openai";
import type { Open } from "../../contestant.ts";

/** No cache: every request goes to the server. */
export const open: Open = async ({ serverUrl }) => {
  const client = new OpenAI({ apiKey: "none", baseURL: serverUrl });
  return {
    async ask(request) {
      const completion = await client.chat.completions.create(
        request as unknown as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming,
      );
      return completion.choices[0]!.message.content!;
    },
    async close() {},
  };
};
