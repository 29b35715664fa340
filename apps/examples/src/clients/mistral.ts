// Adds the cache to Mistral's SDK, which sends requests through an `HTTPClient`.
import { HTTPClient, Mistral } from "@mistralai/mistralai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const client = new Mistral({
  apiKey: process.env.MISTRAL_API_KEY ?? "",
  serverURL: process.env.MISTRAL_BASE_URL ?? "https://api.mistral.ai",
  httpClient: new HTTPClient({ fetcher: fetch }),
});

for (const call of ["first", "second"]) {
  const { choices } = await client.chat.complete({
    model: "mistral-small-latest",
    messages: [{ role: "user", content: "Name a river." }],
  });
  console.log(`${call} call: ${choices?.[0]?.message?.content}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
