import type { BaseCache } from "@langchain/core/caches";
import { ChatOpenAI } from "@langchain/openai";
import type { OpenClient } from "./over-fetch.ts";

export const langchain = langchainWith();

/** LangChain with its own cache. */
export function langchainWith(cache?: BaseCache): OpenClient {
  return (baseURL, fetch) => {
    const model = new ChatOpenAI({
      model: "gpt-4o-mini",
      apiKey: "none",
      temperature: 0,
      configuration: { baseURL, fetch },
      ...(cache && { cache }),
    });
    return {
      async ask({ messages }) {
        const { text } = await model.invoke(
          messages.map(({ role, content }) => ({ role, content: content as string })),
        );
        return text;
      },
    };
  };
}
