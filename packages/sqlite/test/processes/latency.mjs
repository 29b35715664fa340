// Arguments: the file, how many writes. Waits for a word, then reads and writes while others do; says how long the event
// loop was stopped at most, in milliseconds.
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
