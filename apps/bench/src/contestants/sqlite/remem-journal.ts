import { join } from "node:path";
import { sqliteStore } from "@remem/sqlite";
import type { Open } from "../../contestant.ts";
import { rememWithJournal } from "../remem.ts";

export const open: Open = async (setting) =>
  rememWithJournal(sqliteStore({ path: join(setting.directory, "cache.sqlite") }), setting);
