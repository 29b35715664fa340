import type { Open } from "../../contestant.ts";
import { openai } from "../openai-client.ts";
import { cached } from "../over-fetch.ts";

export const open: Open = async (setting) => cached(openai, setting);
