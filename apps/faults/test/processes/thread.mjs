// A worker thread with a client: asks one question, and says when it asks the provider.
import { parentPort, workerData } from "node:worker_threads";
import { createRemem } from "remem";

const client = createRemem({
  ...workerData,
  apiKey: "sk-test",
  onEvent: ({ type }) => parentPort.postMessage(type),
});
await client.infer([{ role: "user", content: "Hi" }]);
