// Adds the cache to an existing client. The second answer costs nothing.
import OpenAI from "openai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const client = new OpenAI({ fetch });

for (const call of ["first", "second"]) {
  const stream = await client.chat.completions.create({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Name a mountain." }],
    stream: true,
  });
  process.stdout.write(`${call} call: `);
  for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "");
  const { hits, misses } = fetch.stats();
  console.log(`\n${hits} hits, ${misses} misses`);
}
await fetch.close();
