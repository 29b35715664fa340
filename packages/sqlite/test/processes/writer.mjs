// Arguments: the file, a name for the keys, how many to write, perhaps "compress". Waits for a word, then writes; says each
// key that was kept.
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
