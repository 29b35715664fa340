import type { Open } from "../../contestant.ts";
import { langchain } from "../over-fetch/langchain-client.ts";
import { cached } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => cached(langchain, setting);
