import type { LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import type { Open } from "../../contestant.ts";
import { caching } from "../ai-sdk.ts";
import { aiSdkWith } from "../over-fetch/ai-sdk-client.ts";
import { modelFetch } from "../over-fetch/model-fetch.ts";
import { NOWHERE } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => {
  const results = new Map<string, LanguageModelV4GenerateResult>();
  const middleware = caching({
    get: async (key) => results.get(key),
    set: async (key, result) => results.set(key, result),
  });
  return { ...aiSdkWith(middleware)(NOWHERE, modelFetch(setting)), async close() {} };
};
