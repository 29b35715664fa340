// Arguments: the file, a name for the keys. After a message, writes entries of some 4 KB and reads them until the next
// message, and continues after failures. Reports each key that was stored, and each for which a wrong value was
// returned.
import { setImmediate as nextTurn } from "node:timers/promises";
import { sqliteStore } from "@remem/sqlite";

const [path, name] = process.argv.slice(2);
const store = sqliteStore({ path });
const answerTo = (key) => `${key} `.repeat(400);
let isRunning = true;

process.once("message", async () => {
  process.once("message", () => {
    isRunning = false;
  });
  for (let index = 0; isRunning; index++) {
    const key = `${name} ${index}`;
    const earlier = `${name} ${Math.floor(Math.random() * index)}`;
    await store.set(key, answerTo(key)).then(
      () => process.send({ kept: key }),
      () => {},
    );
    const found = await store.get(earlier).catch(() => undefined);
    if (found !== undefined && found !== answerTo(earlier)) process.send({ wrong: earlier });
    await nextTurn();
  }
  await store.close();
  process.disconnect();
});
process.send("ready");
