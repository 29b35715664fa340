// Adds the cache to LangChain for Anthropic's models.
import { ChatAnthropic } from "@langchain/anthropic";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const chat = new ChatAnthropic({ model: "claude-sonnet-4-6", clientOptions: { fetch } });

for (const call of ["first", "second"]) {
  const { text } = await chat.invoke("Name a river.");
  console.log(`${call} call: ${text}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
