import { join } from "node:path";
import { sqliteStore } from "@remem/sqlite";
import type { Open } from "../../contestant.ts";
import { rememOver } from "../remem.ts";

/** Without the lock files that coalesce calls across processes. */
export const open: Open = async (setting) => {
  const { flights: _, ...store } = sqliteStore({ path: join(setting.directory, "cache.sqlite") });
  return rememOver(store, setting);
};
