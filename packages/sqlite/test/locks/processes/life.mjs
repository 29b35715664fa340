// Arguments: a command, and the path of a life file. "lock" takes the lock, and collects garbage on request; "thread"
// has a thread take it; "check" reports whether it is locked, and again on request.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { isLifeLocked, lockLife } from "../../../src/locks/life-lock.ts";

const [command, path] = process.argv.slice(2);
const check = () => process.send(isLifeLocked(path) ?? "unknown");

if (command === "lock") {
  lockLife(path);
  process.send("locked");
  process.on("message", () => {
    setFlagsFromString("--expose-gc");
    runInNewContext("gc")();
    process.send("collected");
  });
} else if (command === "thread") {
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
  check();
  process.once("message", () => {
    check();
    process.disconnect();
  });
}
