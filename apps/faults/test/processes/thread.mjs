// A worker thread with a client. It asks one question, and reports when it calls the provider.
import { parentPort, workerData } from "node:worker_threads";
import { createRemem } from "remem";

const client = createRemem({
  ...workerData,
  apiKey: "sk-test",
  onEvent: ({ type }) => parentPort.postMessage(type),
});
await client.infer([{ role: "user", content: "Hi" }]);
