import type { LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import type { Open } from "../../contestant.ts";
import { aiSdkOver } from "../ai-sdk.ts";
import { keyvSqlite } from "../keyv-sqlite.ts";

export const open: Open = async (setting) => {
  const keyv = await keyvSqlite(setting.directory);
  return aiSdkOver(
    {
      get: (key) => keyv.get<LanguageModelV4GenerateResult>(key),
      set: (key, result) => keyv.set(key, result),
      close: () => keyv.disconnect(),
    },
    setting,
  );
};
