// Adds the cache to the `openai` package for Azure.
import { AzureOpenAI } from "openai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const client = new AzureOpenAI({ fetch });

for (const call of ["first", "second"]) {
  const { choices } = await client.chat.completions.create({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Name a river." }],
  });
  console.log(`${call} call: ${choices[0]?.message.content}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
