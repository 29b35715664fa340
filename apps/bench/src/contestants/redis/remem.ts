import { redisStore } from "@remem/redis";
import type { Open } from "../../contestant.ts";
import { rememOver } from "../remem.ts";

export const open: Open = async (setting) => rememOver(redisStore({ url: setting.redisUrl }), setting);
