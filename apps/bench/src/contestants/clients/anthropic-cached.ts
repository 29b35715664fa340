import type { Open } from "../../contestant.ts";
import { anthropic } from "../anthropic-client.ts";
import { cached } from "../over-fetch.ts";

export const open: Open = async (setting) => cached(anthropic, setting);
