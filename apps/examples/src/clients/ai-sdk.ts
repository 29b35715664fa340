// Adds the cache to the AI SDK. Its other providers take `fetch` in the same way: createAnthropic, createGoogle, createAzure and so on.
import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const openai = createOpenAI({ fetch });

for (const call of ["first", "second"]) {
  const { text } = await generateText({ model: openai("gpt-5-mini"), prompt: "Name a river." });
  console.log(`${call} call: ${text}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
