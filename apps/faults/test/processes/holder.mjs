// Argument: a file. Locks it exclusively, as any other program may, until it gets a message.
import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(process.argv[2]);
database.exec("BEGIN EXCLUSIVE");
process.once("message", () => {
  database.exec("COMMIT");
  database.close();
  process.send("released");
  process.disconnect();
});
process.send("locked");
