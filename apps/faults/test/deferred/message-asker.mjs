// Asks Message Batches for the questions of one round, and prints the text of each answer.
import { messageBatches } from "remem";

const [, , round, count] = process.argv;
await using batches = messageBatches({ store: "sqlite:cache.sqlite", config: false });
const job = await batches.deferred(
  Array.from({ length: Number(count) }, (_, index) => ({
    model: "claude-haiku-4-5",
    max_tokens: 100,
    messages: [{ role: "user", content: `q${round}-${index}` }],
  })),
);
for await (const { error, message } of job.results({ pollMs: 20 })) {
  console.log(JSON.stringify(error ? error.message : message.content[0].text));
}
await job.forget();
