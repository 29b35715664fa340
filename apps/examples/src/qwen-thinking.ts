// Qwen3 with and without thinking are two requests and two entries; what it has thought is kept apart from its answer.
import { createRemem } from "remem";

await using client = createRemem({ model: "Qwen/Qwen3-8B" }); // by @remem/qwen, for its name
const question = [{ role: "user", content: "How many r are in strawberry?" }] as const;

for (const enable_thinking of [true, false]) {
  const { response, metadata, source } = await client.infer(question, { enable_thinking });
  console.log(`from the ${source}: ${response} (thought: ${metadata.reasoning ?? "nothing"})`);
}
