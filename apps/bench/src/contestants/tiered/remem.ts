import { join } from "node:path";
import { memoryStore, tieredStore } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import type { Open } from "../../contestant.ts";
import { rememOver } from "../remem.ts";

export const open: Open = async (setting) =>
  rememOver(tieredStore(memoryStore(), sqliteStore({ path: join(setting.directory, "cache.sqlite") })), setting);
