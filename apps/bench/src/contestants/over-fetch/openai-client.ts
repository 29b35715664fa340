import OpenAI from "openai";
import type { OpenClient } from "./over-fetch.ts";

export const openai: OpenClient = (baseURL, fetch) => {
  const client = new OpenAI({ apiKey: "none", baseURL, fetch });
  return {
    async ask(request) {
      const body = request as unknown as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;
      const { choices } = await client.chat.completions.create(body);
      return choices[0]!.message.content!;
    },
  };
};
