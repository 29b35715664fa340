import type { Open } from "../../contestant.ts";
import { aiSdk } from "../ai-sdk-client.ts";
import { cached } from "../over-fetch.ts";

export const open: Open = async (setting) => cached(aiSdk, setting);
