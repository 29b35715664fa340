import { bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import type { Open } from "../../contestant.ts";
import { bentocacheOver } from "../bentocache.ts";
import { sqliteDriver } from "../bentocache-sqlite.ts";

export const open: Open = async (setting) =>
  bentocacheOver(bentostore().useL1Layer(memoryDriver()).useL2Layer(sqliteDriver(setting.directory)), setting);
