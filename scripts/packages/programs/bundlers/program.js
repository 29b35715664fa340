// Asks twice directly and once deferred, and prints what each adapter needs that the facade loads by name.
import { CacheOpenAI, createRemem, storeFromUrl } from "remem";

async function main() {
  const client = createRemem({ apiKey: "any", store: "sqlite:cache/" });
  const first = await client.infer("What is the capital of France?");
  const second = await client.infer("What is the capital of France?");
  const job = await client.deferred(["What is the capital of France?"]); // A part that is loaded on demand.
  for await (const third of job.settled()) console.log(first.source, second.source, third.source);
  await client.close();

  const uses = [
    () => new CacheOpenAI({ cacheDir: "cache", useAzure: true }),
    () => createRemem({ model: "Qwen/Qwen3-8B", store: "memory:" }),
    () => storeFromUrl("redis://localhost"),
  ];
  for (const use of uses) {
    try {
      use();
      console.log("there");
    } catch ({ code, message }) {
      console.log(code, message.replace(/^.* needs the package /, ""));
    }
  }
}

main();
