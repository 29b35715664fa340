import type { LanguageModelV4, LanguageModelV4GenerateResult, LanguageModelV4Middleware } from "@ai-sdk/provider";
import type { ChatMessage } from "@remem/core";
import { generateText, type ModelMessage, wrapLanguageModel } from "ai";
import type { Contestant, Setting } from "../contestant.ts";

/** The storage of the middleware. */
export interface ResultCache {
  get(key: string): Promise<LanguageModelV4GenerateResult | undefined>;
  set(key: string, result: LanguageModelV4GenerateResult): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The AI SDK with the middleware from its documentation on caching. */
export function aiSdkOver(cache: ResultCache, setting: Setting): Contestant {
  // All requests are for one model.
  const model = wrapLanguageModel({ model: bareModel("gpt-4o-mini", setting), middleware: caching(cache) });
  return {
    async ask({ messages, temperature, seed }) {
      const [first, ...rest] = messages; // The first is the system message.
      const { text } = await generateText({
        model,
        instructions: first!.content as string,
        messages: rest as ModelMessage[],
        ...(temperature != null && { temperature }),
        ...(seed != null && { seed }),
      });
      return text;
    },
    async close() {
      await cache.close();
    },
  };
}

/** The middleware from the AI SDK's documentation on caching. */
export function caching(cache: Pick<ResultCache, "get" | "set">): LanguageModelV4Middleware {
  return {
    specificationVersion: "v4",
    async wrapGenerate({ doGenerate, params, model }) {
      const key = JSON.stringify({ provider: model.provider, modelId: model.modelId, params });
      const kept = await cache.get(key);
      if (kept !== undefined) {
        const { timestamp } = kept.response ?? {};
        return { ...kept, response: { ...kept.response, ...(timestamp && { timestamp: new Date(timestamp) }) } };
      }
      const result = await doGenerate();
      await cache.set(key, result);
      return result;
    },
  };
}

/** A minimal model, which converts a completion as `@ai-sdk/openai` does. */
function bareModel(modelId: string, { generate }: Setting): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "bench",
    modelId,
    supportedUrls: {},
    async doGenerate({ prompt, temperature = null, seed = null }) {
      const messages = prompt.map(({ role, content }): ChatMessage => ({ role, content: textOfParts(content) }));
      const completion = await generate({ model: modelId, messages, temperature, seed });
      const { message, finish_reason } = completion.choices[0]!;
      const { prompt_tokens, completion_tokens } = completion.usage!;
      return {
        content: [{ type: "text", text: message.content! }],
        finishReason: { unified: "stop", raw: finish_reason },
        usage: {
          inputTokens: { total: prompt_tokens, noCache: prompt_tokens, cacheRead: 0, cacheWrite: undefined },
          outputTokens: { total: completion_tokens, text: completion_tokens, reasoning: 0 },
        },
        response: { id: completion.id, modelId: completion.model, timestamp: new Date(completion.created * 1_000) },
        warnings: [],
      };
    },
    doStream() {
      throw new Error("Nothing is streamed here.");
    },
  };
}

function textOfParts(content: string | readonly { readonly type: string; readonly text?: string }[]): string {
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}
