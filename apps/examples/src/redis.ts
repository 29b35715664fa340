// One cache for many hosts: what any of them has paid for is read by all. REDIS_URL says where it is.
import { redisStore } from "@remem/redis";
import { createRemem } from "remem";

const { REDIS_URL = "redis://localhost:6379" } = process.env;
await using client = createRemem({
  store: redisStore({ url: REDIS_URL, prefix: "examples:" }),
  onStoreError: "throw", // By default a Redis that is gone costs a call and is reported.
});

const { response, source } = await client.infer([{ role: "user", content: "Name a lake." }], {}, { ttlMs: 86_400_000 });
console.log(`from the ${source}: ${response}`);
