// Continues with a cache file of the Python class CacheOpenAI: its answers are hits, and new answers are added to it.
import { CacheOpenAI } from "remem";

await using llm = new CacheOpenAI({ cacheDir: "./llm_cache" }); // contains gpt-4o-mini_cache.sqlite

for (const country of ["France", "Spain"]) {
  const question = [{ role: "user", content: `What is the capital of ${country}?` }] as const;
  const { response, metadata, cacheHit } = await llm.infer(question);
  console.log(`${cacheHit ? "hit" : "miss"}: ${response} (${metadata.prompt_tokens} tokens asked)`);
}
