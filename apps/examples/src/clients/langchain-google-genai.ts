// Adds the cache to LangChain for Gemini. This class takes no `fetch` and uses the global one, so the program replaces it.
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
globalThis.fetch = fetch;
const baseUrl = process.env.GOOGLE_GEMINI_BASE_URL;
const chat = new ChatGoogleGenerativeAI({ model: "gemini-2.5-flash", ...(baseUrl && { baseUrl }) });

for (const call of ["first", "second"]) {
  const { text } = await chat.invoke("Name a river.");
  console.log(`${call} call: ${text}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
