import { createKeyv } from "@keyv/redis";
import type { Open } from "../../contestant.ts";
import { keyvOver } from "../keyv.ts";

export const open: Open = async (setting) => keyvOver(createKeyv(setting.redisUrl), setting);
