import { bentostore } from "bentocache";
import type { Open } from "../../contestant.ts";
import { bentocacheOver } from "../bentocache.ts";
import { sqliteDriver } from "../bentocache-sqlite.ts";

export const open: Open = async (setting) =>
  bentocacheOver(bentostore().useL2Layer(sqliteDriver(setting.directory)), setting);
