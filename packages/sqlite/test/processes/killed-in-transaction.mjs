// Argument: a file with a rollback journal. Is killed while it writes, with half of a transaction in the file.
import { DatabaseSync } from "node:sqlite";
import { sqliteStore } from "@remem/sqlite";

const path = process.argv[2];
await sqliteStore({ path }).set("k", "v");
const database = new DatabaseSync(path);
database.exec("PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE remem_entries SET value = value || 'more'");
process.kill(process.pid, "SIGKILL");
