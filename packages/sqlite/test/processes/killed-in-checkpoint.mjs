// Arguments: the file, the number of entries, "all" or "part". Writes the entries, runs a checkpoint that copies all or
// part of the first half into the file, as happens during a concurrent read, and is killed before the store can record
// that.
import { DatabaseSync } from "node:sqlite";
import { sqliteStore } from "@remem/sqlite";

const [path, count, what] = process.argv.slice(2);
const keys = Array.from({ length: Number(count) }, (_, index) => `killed ${index}`);
const [first, second] = [keys.slice(0, Number(count) / 2), keys.slice(Number(count) / 2)];
const answerTo = (key) => `${key} `.repeat(400);

const store = sqliteStore({ path });
for (const key of first) await store.set(key, answerTo(key));
const [reader, other] = [new DatabaseSync(path), new DatabaseSync(path)];
reader.exec("BEGIN");
reader.prepare("SELECT count(*) FROM remem_entries").get();
if (what === "part") for (const key of second) await store.set(key, answerTo(key));
other.exec("PRAGMA wal_checkpoint(PASSIVE)");
// As another process would that is killed at the same time.
const insert = other.prepare("INSERT INTO remem_entries (key, value) VALUES (?, ?)");
if (what === "all") for (const key of second) insert.run(key, answerTo(key));
process.kill(process.pid, "SIGKILL");
