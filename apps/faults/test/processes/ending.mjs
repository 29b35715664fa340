// Arguments: options of createRemem as JSON, how to end, and the questions. At the end it prints the number of answers.
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
if (how === "close") await client.close();
if (how.startsWith("SIGTERM")) process.once("SIGTERM", () => client.close());
