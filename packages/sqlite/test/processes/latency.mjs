// Arguments: the file, the number of writes. After a message, reads and writes while others do. Reports the longest
// time that the event loop was blocked, in milliseconds.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { sqliteStore } from "@remem/sqlite";

const [path, count] = process.argv.slice(2);
const store = sqliteStore({ path });

process.once("message", async () => {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const writes = Array.from({ length: Number(count) }, (_, index) => store.set(`latency ${index}`, "x".repeat(1000)));
  let reads = 0;
  let writing = true;
  void Promise.all(writes).then(() => {
    writing = false;
  });
  for (; writing; reads++) {
    await store.get(`latency ${reads % Number(count)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(writes);
  delay.disable();
  process.send({ longestMs: delay.max / 1e6, reads });
  await store.close();
  process.disconnect();
});
process.send("ready");
