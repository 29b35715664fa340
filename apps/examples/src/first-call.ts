// Pays for the first call. The second call, and both calls of the next run, read the answer from ./llm_cache.
import { createRemem } from "remem";

await using client = createRemem();
const request = { messages: "What is the capital of France?", temperature: 0 };

for (const call of ["first", "second"]) {
  const { response, source } = await client.infer(request);
  console.log(`${call} call, from the ${source}: ${response}`);
}
