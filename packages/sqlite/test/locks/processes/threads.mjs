// Argument: a lock directory. A thread leads "a", and the main one "b"; told to, it terminates the thread.
import { Worker } from "node:worker_threads";
import { fileFlights } from "@remem/sqlite/flights";

const [directory] = process.argv.slice(2);
const source = `
  import { parentPort, workerData } from "node:worker_threads";
  const { fileFlights } = await import(workerData.module);
  const lease = await fileFlights(workerData.directory).enter("a");
  parentPort.postMessage(lease === undefined ? "somebody else leads" : "thread leads a");
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
// For good: the process has to live on after that.
process.on("message", async () => {
  await worker.terminate();
  process.send("terminated");
});
