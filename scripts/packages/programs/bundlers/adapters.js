// Has its adapters in the bundle.
import { azureProvider } from "@remem/azure";
import { qwenProvider } from "@remem/qwen";
import { redisStore } from "@remem/redis";
import { createRemem } from "remem";

const { OPENAI_BASE_URL = "" } = process.env;

async function main() {
  const endpoint = new URL(OPENAI_BASE_URL).origin;
  const azure = azureProvider({ endpoint, apiKey: "any-key-will-do", apiVersion: "2024-10-21" });
  for (const provider of [azure, qwenProvider({ apiKey: "any" })]) {
    const client = createRemem({ provider, store: "memory:" });
    const { source } = await client.infer("What is the capital of France?");
    console.log(source);
    await client.close();
  }
  const store = redisStore({ url: "redis://127.0.0.1:9" });
  await store.get("key").catch(({ message }) => console.log(/ECONNREFUSED/.exec(message)?.[0] ?? message));
  await store.close();
}

main();
