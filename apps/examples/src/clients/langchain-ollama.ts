// Adds the cache to LangChain for Ollama's models. `OllamaEmbeddings` takes `fetch` in the same way.
import { ChatOllama } from "@langchain/ollama";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const chat = new ChatOllama({ model: "qwen3:8b", fetch });

for (const call of ["first", "second"]) {
  const { text } = await chat.invoke("Name a river.");
  console.log(`${call} call: ${text}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
