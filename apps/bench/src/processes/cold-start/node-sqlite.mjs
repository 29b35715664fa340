import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { answered } from "./answered.mjs";

// Reads the file of the floor, without making a key or verifying the digest.
const [, , directory, , key] = process.argv;
const database = new DatabaseSync(join(directory, "cache.sqlite"));
const { value } = database.prepare("SELECT value FROM entries WHERE key = ?").get(key);
answered(JSON.parse(value.split("\n", 2)[1]).choices[0].message.content);
database.close();
