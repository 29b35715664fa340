import { InMemoryCache } from "@langchain/core/caches";
import type { Open } from "../../contestant.ts";
import { langchainOver } from "../langchain.ts";

export const open: Open = async (setting) => ({
  ...langchainOver(new InMemoryCache(), setting),
  async close() {},
});
