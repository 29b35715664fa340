// Arguments: the file, milliseconds. Locks the file for that long, as any other program may.
import { DatabaseSync } from "node:sqlite";

const [path, holdMs] = process.argv.slice(2);
const database = new DatabaseSync(path);
database.exec("BEGIN EXCLUSIVE");
process.send("locked");
setTimeout(() => {
  database.exec("COMMIT");
  database.close();
  process.disconnect();
}, Number(holdMs));
