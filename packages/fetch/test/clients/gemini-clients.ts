import { createGoogle } from "@ai-sdk/google";
import { type GenerateContentConfig, type GenerateContentResponse, GoogleGenAI } from "@google/genai";
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { GoogleGenAI as GoogleGenAI1 } from "google-genai-1";
import { vi } from "vitest";
import { aiSdk, type Client, collect, langchain, type OpenClient, PROMPT, parameters } from "./clients.ts";

const model = "gemini-2.5-flash";
const functionDeclarations = [{ name: "river", description: "River of a city", parametersJsonSchema: parameters }];

function genai({ models }: Pick<GoogleGenAI, "models">): Client {
  const forms = (config?: GenerateContentConfig) => {
    const asked = { model, contents: PROMPT, ...(config && { config }) };
    return {
      whole: async () => membersOf(await models.generateContent(asked)),
      stream: async () => added(await collect(await models.generateContentStream(asked))),
    };
  };
  return {
    text: forms(),
    tools: forms({ tools: [{ functionDeclarations }] }),
    structured: forms({ responseMimeType: "application/json", responseJsonSchema: parameters }),
  };
}

/** An answer and the headers of it that are kept. The client shows the others, too, which belong to one transfer. */
function membersOf({ sdkHttpResponse, ...response }: GenerateContentResponse): object {
  return { ...response, tier: sdkHttpResponse?.headers?.["x-gemini-service-tier"] };
}

/** What the chunks of a stream say together. */
function added(chunks: readonly GenerateContentResponse[]): unknown {
  const { text, candidates, ...last } = membersOf(chunks.at(-1)!) as GenerateContentResponse;
  return {
    ...last,
    finishReason: candidates?.[0]?.finishReason,
    text: chunks.map((chunk) => chunk.candidates?.[0]?.content?.parts?.map(({ text }) => text).join("")).join(""),
    calls: chunks.flatMap((chunk) => chunk.functionCalls ?? []),
  };
}

/** A client that takes the global `fetch` at each call. */
function byGlobalFetch(open: OpenClient): OpenClient {
  return (fetch, origin) => {
    const entries = Object.entries(open(fetch, origin)).map(([kind, forms]) => {
      const asking = Object.entries(forms).map(([form, ask]) => {
        return [
          form,
          () => {
            vi.stubGlobal("fetch", fetch);
            return ask();
          },
        ];
      });
      return [kind, Object.fromEntries(asking)];
    });
    return Object.fromEntries(entries);
  };
}

export const geminiClients: Readonly<Record<string, OpenClient>> = {
  "@google/genai 3": (fetch, baseUrl) => genai(new GoogleGenAI({ apiKey: "k", httpOptions: { fetch, baseUrl } })),
  "@google/genai 1": byGlobalFetch((_, baseUrl) =>
    genai(new GoogleGenAI1({ apiKey: "k", httpOptions: { baseUrl } }) as unknown as GoogleGenAI),
  ),
  "@ai-sdk/google": (fetch, origin) => aiSdk(createGoogle({ fetch, baseURL: `${origin}/v1beta`, apiKey: "k" })(model)),
  "@langchain/google-genai": byGlobalFetch((_, baseUrl) =>
    langchain(new ChatGoogleGenerativeAI({ model, apiKey: "k", maxRetries: 0, baseUrl })),
  ),
};
