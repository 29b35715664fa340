// Arguments: a store, the base URL of a server, and how many questions to ask it. Asks each three times, all at once, as soon
// as it is told to, and says what was answered and how many of the answers were paid for here.
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
