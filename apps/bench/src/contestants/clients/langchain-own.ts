import { InMemoryCache } from "@langchain/core/caches";
import type { Open } from "../../contestant.ts";
import { langchainWith } from "../over-fetch/langchain-client.ts";
import { modelFetch } from "../over-fetch/model-fetch.ts";
import { NOWHERE } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => ({
  ...langchainWith(new InMemoryCache())(NOWHERE, modelFetch(setting)),
  async close() {},
});
