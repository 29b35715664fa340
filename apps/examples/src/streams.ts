// Streams an answer, and then the stored answer word by word. Without `replay` the stored answer comes at once.
import { createRemem } from "remem";

await using client = createRemem();

for (const call of ["first", "second"]) {
  const stream = client.stream("Name a mountain.", { temperature: 0 }, { replay: { chunkMs: 20 } });
  process.stdout.write(`${call} call: `);
  for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "");
  const { source, metadata } = await stream.result();
  console.log(`\nfrom the ${source}, ${metadata.completion_tokens > 0 ? "with" : "without"} its usage`);
}
