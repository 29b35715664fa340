// Adds the cache to Ollama's library.
import { Ollama } from "ollama";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const client = new Ollama({ fetch, host: process.env.OLLAMA_BASE_URL ?? "http://127.0.0.1:11434" });

for (const call of ["first", "second"]) {
  const { message } = await client.chat({ model: "qwen3:8b", messages: [{ role: "user", content: "Name a river." }] });
  console.log(`${call} call: ${message.content}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
