// Adds the cache to Google's SDK for Gemini.
import { GoogleGenAI } from "@google/genai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
const client = new GoogleGenAI({ httpOptions: { fetch } });

for (const call of ["first", "second"]) {
  const { text } = await client.models.generateContent({ model: "gemini-2.5-flash", contents: "Name a river." });
  console.log(`${call} call: ${text}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
