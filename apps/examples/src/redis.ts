// Shares one cache between hosts: each host reads the answers that any other has paid for. REDIS_URL names the server.
import { redisStore } from "@remem/redis";
import { createRemem } from "remem";

const { REDIS_URL = "redis://localhost:6379" } = process.env;
await using client = createRemem({
  store: redisStore({ url: REDIS_URL, prefix: "examples:" }),
  onStoreError: "throw", // By default a Redis that is down costs a call and is reported.
});

const { response, source } = await client.infer({ messages: "Name a lake." }, { ttlMs: 86_400_000 });
console.log(`from the ${source}: ${response}`);
