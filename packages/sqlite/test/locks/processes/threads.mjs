// Argument: a lock directory. A worker thread leads "a", the main thread "b". On request it terminates the worker.
import { Worker } from "node:worker_threads";
import { fileFlights } from "@remem/sqlite/flights";

const [directory] = process.argv.slice(2);
const source = `
  import { parentPort, workerData } from "node:worker_threads";
  const { fileFlights } = await import(workerData.module);
  const lease = await fileFlights(workerData.directory).enter("a");
  parentPort.postMessage(lease === undefined ? "another thread leads" : "thread leads a");
  setInterval(() => {}, 1_000);`;
const module = import.meta.resolve("@remem/sqlite/flights");
const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
  workerData: { module, directory },
});
worker.once("message", async (message) => {
  process.send(message);
  const lease = await fileFlights(directory).enter("b");
  if (lease !== undefined) process.send("main leads b");
});
// Forever: the process must outlive the thread.
process.on("message", async () => {
  await worker.terminate();
  process.send("terminated");
});
