// Asks Qwen3 with and without thinking: two requests and two entries. The reasoning is separate from the answer.
import { createRemem } from "remem";

await using client = createRemem({ model: "Qwen/Qwen3-8B" }); // uses @remem/qwen, because of the name

for (const enable_thinking of [true, false]) {
  const { response, metadata, source } = await client.infer("How many r are in strawberry?", { enable_thinking });
  console.log(`from the ${source}: ${response} (thought: ${metadata.reasoning ?? "nothing"})`);
}
