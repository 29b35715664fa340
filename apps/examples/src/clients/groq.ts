// Adds the cache to Groq's SDK.
import Groq from "groq-sdk";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const client = new Groq({ fetch });

for (const call of ["first", "second"]) {
  const { choices } = await client.chat.completions.create({
    model: "llama-3.3-70b-versatile",
    messages: [{ role: "user", content: "Name a river." }],
  });
  console.log(`${call} call: ${choices[0]?.message.content}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
