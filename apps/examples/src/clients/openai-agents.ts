// Adds the cache to OpenAI's Agents SDK. It caches each step of a run.
import { Agent, run, setDefaultOpenAIClient, setTracingDisabled } from "@openai/agents";
import OpenAI from "openai";
import { cachedFetch } from "remem";

const fetch = cachedFetch();
setDefaultOpenAIClient(new OpenAI({ fetch }));
setTracingDisabled(true);
const agent = new Agent({ name: "guide", instructions: "Be brief.", model: "gpt-5-mini" });

for (const call of ["first", "second"]) {
  const { finalOutput } = await run(agent, "Name a river.");
  console.log(`${call} call: ${finalOutput}`);
}
const { hits, misses } = fetch.stats();
console.log(`${hits} hits, ${misses} misses`);
await fetch.close();
