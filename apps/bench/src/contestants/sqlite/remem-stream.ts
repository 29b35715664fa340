import { join } from "node:path";
import { sqliteStore } from "@remem/sqlite";
import type { Open } from "../../contestant.ts";
import { streamOver } from "../remem.ts";

export const open: Open = async (setting) =>
  streamOver(sqliteStore({ path: join(setting.directory, "cache.sqlite") }), setting);
