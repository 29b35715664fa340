import { Cacheable } from "cacheable";
import type { Open } from "../../contestant.ts";
import { cacheableOver } from "../cacheable.ts";
import { keyvSqlite } from "../keyv-sqlite.ts";

export const open: Open = async (setting) =>
  cacheableOver(new Cacheable({ secondary: await keyvSqlite(setting.directory) }), setting);
