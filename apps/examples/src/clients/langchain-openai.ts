// Adds the cache to LangChain for OpenAI and compatible servers. `OpenAIEmbeddings` takes `fetch` in the same way.
import { ChatOpenAI } from "@langchain/openai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const chat = new ChatOpenAI({ model: "gpt-4o-mini", configuration: { fetch } });

for (const call of ["first", "second"]) {
  const { text } = await chat.invoke("Name a river.");
  console.log(`${call} call: ${text}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
