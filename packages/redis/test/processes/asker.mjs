// Arguments: a store, the base URL of a server, and the number of questions. On any message it asks each question three
// times concurrently, and reports the answers and how many of them it paid for.
import { createClient } from "@remem/core";
import { open } from "./open.mjs";

const [options, baseURL, count] = process.argv.slice(2);
const provider = {
  specVersion: 1,
  id: "server",
  async generate(request, { signal }) {
    const response = await fetch(`${baseURL}/chat/completions`, {
      method: "POST",
      body: JSON.stringify(request),
      headers: { authorization: "Bearer key", "content-type": "application/json" },
      signal,
    });
    return response.json();
  },
};
const client = createClient({ provider, store: await open(options), params: { model: "m" } });

process.once("message", async () => {
  const questions = Array.from({ length: Number(count) }, (_, index) => [
    { role: "user", content: `Question ${index}` },
  ]);
  const results = await client.batchInfer([...questions, ...questions, ...questions], {}, { concurrency: 20 });
  const { misses, storeErrors } = client.stats();
  process.send({ answers: results.map(({ response }) => response), misses, storeErrors }, () => process.disconnect());
});
process.send("ready");
