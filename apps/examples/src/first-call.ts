// The first call is paid for; the second one, and the first of the next run, are read from ./llm_cache.
import { createRemem } from "remem";

await using client = createRemem();
const question = [{ role: "user", content: "What is the capital of France?" }] as const;

for (const call of ["first", "second"]) {
  const { response, source } = await client.infer(question, { temperature: 0 });
  console.log(`${call} call, from the ${source}: ${response}`);
}
