import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV4Middleware } from "@ai-sdk/provider";
import { generateText, type ModelMessage, wrapLanguageModel } from "ai";
import { apart } from "../../workload.ts";
import type { OpenClient } from "./over-fetch.ts";

export const aiSdk = aiSdkWith();

/** The AI SDK with a middleware around its model. */
export function aiSdkWith(middleware?: LanguageModelV4Middleware): OpenClient {
  return (baseURL, fetch) => {
    const bare = createOpenAI({ apiKey: "none", baseURL, fetch }).chat("gpt-4o-mini");
    const model = middleware === undefined ? bare : wrapLanguageModel({ model: bare, middleware });
    return {
      async ask({ messages, temperature, seed }) {
        const { system, rest } = apart(messages);
        const { text } = await generateText({
          model,
          instructions: system,
          messages: rest as ModelMessage[],
          ...(temperature != null && { temperature }),
          ...(seed != null && { seed }),
        });
        return text;
      },
    };
  };
}
