import type { Open } from "../../contestant.ts";
import { openai } from "../over-fetch/openai-client.ts";
import { uncached } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => uncached(openai, setting);
