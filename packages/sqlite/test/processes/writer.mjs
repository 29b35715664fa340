// Arguments: the file, a name for the keys, the number of writes, optionally "compress". Writes after a message, and
// reports each key that was stored.
import { sqliteStore } from "@remem/sqlite";

const [path, name, count, compress] = process.argv.slice(2);
const store = sqliteStore({ path, compress: compress === "compress" });

process.once("message", async () => {
  for (let index = 0; index < Number(count); index++) {
    await store.set(`${name} ${index}`, `value of ${name} ${index} ${"x".repeat(1000)}`);
    process.send({ kept: `${name} ${index}` });
  }
  await store.close();
  process.disconnect();
});
process.send("ready");
