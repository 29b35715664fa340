// Arguments: options of createRemem as JSON, how to end, and the questions. At the end it prints the number of answers.
import { setTimeout } from "node:timers/promises";
import { createRemem } from "remem";

const [options, how, ...questions] = process.argv.slice(2);
const client = createRemem({ apiKey: "sk-test", ...JSON.parse(options) });
let answered = 0;
for (const content of questions) {
  client.infer([{ role: "user", content }]).then(
    () => {
      answered += 1;
    },
    () => {},
  );
}
process.once("exit", () => console.log(`answered: ${answered}`));
if (how === "close") {
  // On a busy machine, loading what sends them takes seconds of the five that they have.
  while (client.stats().providerCalls < questions.length) await setTimeout(10);
  await client.close();
}
if (how.startsWith("SIGTERM")) process.once("SIGTERM", () => client.close());
