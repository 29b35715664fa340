import type { Open } from "../../contestant.ts";
import { keyvOver } from "../keyv.ts";
import { keyvSqlite } from "../keyv-sqlite.ts";

export const open: Open = async (setting) => keyvOver(await keyvSqlite(setting.directory), setting);
