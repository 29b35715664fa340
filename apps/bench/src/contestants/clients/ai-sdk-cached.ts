import type { Open } from "../../contestant.ts";
import { aiSdk } from "../over-fetch/ai-sdk-client.ts";
import { cached } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => cached(aiSdk, setting);
