import type { CacheEntry } from "@epic-web/cachified";
import type { Open } from "../../contestant.ts";
import { cachifiedOver } from "../cachified.ts";

export const open: Open = async (setting) => ({
  ...cachifiedOver(new Map<string, CacheEntry>(), setting),
  async close() {},
});
