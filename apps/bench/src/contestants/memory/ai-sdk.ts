import type { LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import type { Open } from "../../contestant.ts";
import { aiSdkOver } from "../ai-sdk.ts";

export const open: Open = async (setting) => {
  const results = new Map<string, LanguageModelV4GenerateResult>();
  return aiSdkOver(
    {
      get: async (key) => results.get(key),
      set: async (key, result) => results.set(key, result),
      async close() {},
    },
    setting,
  );
};
