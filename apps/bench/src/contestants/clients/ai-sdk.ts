import type { Open } from "../../contestant.ts";
import { aiSdk } from "../over-fetch/ai-sdk-client.ts";
import { uncached } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => uncached(aiSdk, setting);
