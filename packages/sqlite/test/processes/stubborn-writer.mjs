// Like writer.mjs, but begins with a read and continues after failed writes.
import { sqliteStore } from "@remem/sqlite";

const [path, name, count] = process.argv.slice(2);
const store = sqliteStore({ path });

process.once("message", async () => {
  await store.get("k").catch(() => {});
  for (let index = 0; index < Number(count); index++) {
    const key = `${name} ${index}`;
    await store.set(key, `value of ${key} ${"x".repeat(1000)}`).then(
      () => process.send({ kept: key }),
      () => {},
    );
  }
  await store.close();
  process.disconnect();
});
process.send("ready");
