// Adds the cache to Anthropic's SDK.
import Anthropic from "@anthropic-ai/sdk";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const client = new Anthropic({ fetch });

for (const call of ["first", "second"]) {
  const { content } = await client.messages.create({
    model: "claude-sonnet-4-6",
    max_tokens: 256,
    messages: [{ role: "user", content: "Name a river." }],
  });
  console.log(`${call} call: ${content.map((block) => (block.type === "text" ? block.text : "")).join("")}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
