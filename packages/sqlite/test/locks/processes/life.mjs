// Arguments: what to do, and the path of a life file. "lock" takes the lock, and collects garbage when it is told to; "thread" has
// a thread of its own take it; "look" says whether it is seen, again when it is told to.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { isLifeLocked, lockLife } from "../../../src/locks/life-lock.ts";

const [what, path] = process.argv.slice(2);
const look = () => process.send(isLifeLocked(path) ?? "nobody can say");

if (what === "lock") {
  lockLife(path);
  process.send("locked");
  process.on("message", () => {
    setFlagsFromString("--expose-gc");
    runInNewContext("gc")();
    process.send("collected");
  });
} else if (what === "thread") {
  const source = `
    import { parentPort, workerData } from "node:worker_threads";
    const { lockLife } = await import(workerData.module);
    lockLife(workerData.path);
    parentPort.postMessage("locked");
    setInterval(() => {}, 1_000);`;
  const module = new URL("../../../src/locks/life-lock.ts", import.meta.url).href;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: { module, path },
  });
  worker.once("message", (message) => process.send(message));
  process.once("message", async () => {
    await worker.terminate();
    process.send("terminated");
  });
} else {
  look();
  process.once("message", () => {
    look();
    process.disconnect();
  });
}
