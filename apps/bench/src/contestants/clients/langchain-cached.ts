import type { Open } from "../../contestant.ts";
import { langchain } from "../langchain-client.ts";
import { cached } from "../over-fetch.ts";

export const open: Open = async (setting) => cached(langchain, setting);
