import { createCache } from "cache-manager";
import type { Open } from "../../contestant.ts";
import { cacheManagerOver } from "../cache-manager.ts";

export const open: Open = async (setting) => cacheManagerOver(createCache(), setting);
