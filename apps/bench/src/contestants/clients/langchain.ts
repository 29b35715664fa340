import type { Open } from "../../contestant.ts";
import { langchain } from "../over-fetch/langchain-client.ts";
import { uncached } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => uncached(langchain, setting);
