import { bentostore } from "bentocache";
import { redisDriver } from "bentocache/drivers/redis";
import { Redis } from "ioredis";
import type { Open } from "../../contestant.ts";
import { bentocacheOver } from "../bentocache.ts";

export const open: Open = async (setting) =>
  bentocacheOver(bentostore().useL2Layer(redisDriver({ connection: new Redis(setting.redisUrl) })), setting);
