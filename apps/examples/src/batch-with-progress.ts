// Answers many questions: results have the order of the questions, identical questions are sent once, and a failure affects only its own item.
import { createRemem } from "remem";

await using client = createRemem();
const rivers = ["Rhine", "Danube", "Loire", "Rhine", "Tagus"];

const results = await client.batchInfer(
  rivers.map((river) => `Where does the ${river} rise?`),
  { temperature: 0 },
  { concurrency: 2, onProgress: ({ done, total, hits }) => console.log(`${done} of ${total} (${hits} hits)`) },
);

for (const [index, result] of results.entries()) {
  console.log(`${rivers[index]}: ${result.error ? result.error.message : result.response}`);
}
console.log(`${client.stats().providerCalls} calls were paid for`);
