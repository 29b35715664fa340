// Goes on where the Python class CacheOpenAI stopped: what its file holds is a hit, what it lacks is asked and added.
import { CacheOpenAI } from "remem";

await using llm = new CacheOpenAI({ cacheDir: "./llm_cache" }); // gpt-4o-mini_cache.sqlite is in it

for (const country of ["France", "Spain"]) {
  const question = [{ role: "user", content: `What is the capital of ${country}?` }] as const;
  const { response, metadata, cacheHit } = await llm.infer(question);
  console.log(`${cacheHit ? "hit" : "miss"}: ${response} (${metadata.prompt_tokens} tokens asked)`);
}
