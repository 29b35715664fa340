import { InMemoryCache } from "@langchain/core/caches";
import type { Open } from "../../contestant.ts";
import { langchainWith } from "../langchain-client.ts";
import { modelFetch } from "../model-fetch.ts";
import { NOWHERE } from "../over-fetch.ts";

export const open: Open = async (setting) => ({
  ...langchainWith(new InMemoryCache())(NOWHERE, modelFetch(setting)),
  async close() {},
});
