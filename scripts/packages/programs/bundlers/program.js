// Asks twice, and prints what each adapter needs that the facade loads by name.
import { CacheOpenAI, createRemem, storeFromUrl } from "remem";

async function main() {
  const client = createRemem({ apiKey: "any", store: "sqlite:cache/" });
  const first = await client.infer("What is the capital of France?");
  const second = await client.infer("What is the capital of France?");
  console.log(first.source, second.source);
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
