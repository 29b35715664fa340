import type { Open } from "../../contestant.ts";
import { openai } from "../openai-client.ts";
import { uncached } from "../over-fetch.ts";

export const open: Open = async (setting) => uncached(openai, setting);
