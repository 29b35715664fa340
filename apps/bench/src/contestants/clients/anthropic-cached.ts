import type { Open } from "../../contestant.ts";
import { anthropic } from "../over-fetch/anthropic-client.ts";
import { cached } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => cached(anthropic, setting);
