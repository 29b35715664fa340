import { type Cluster, connectToCluster, startCluster } from "@remem/test-support/redis/cluster";
import { canStartRedis, hasRedis, useRedis } from "@remem/test-support/redis/redis-server";
import { type StoreContractOptions, storeContract } from "@remem/testing";
import { afterAll, beforeAll, describe, onTestFinished, test } from "vitest";
import { redisStore } from "../src/index.ts";
import { elsewhere } from "./child.ts";
import { CLIENTS } from "./clients.ts";
import { anyPrefix, connectTo, openStore } from "./redis.ts";

const redis = hasRedis ? await useRedis() : undefined;
afterAll(() => redis?.stop());

function run(options: StoreContractOptions): void {
  for (const { name, run } of storeContract(options)) test(name, run);
}

describe.skipIf(redis === undefined)("redisStore keeps the contract of a store:", () => {
  const { url = "", start, stop } = redis ?? {};
  let prefix: string;
  let isStopped = false;
  // The prefix would match this key if it were not escaped as a pattern.
  const foreign = () => `${prefix.replace("[*]\\?", "*?")}v1:{k}:v`;
  run({
    async create() {
      if (isStopped) await start?.();
      isStopped = false;
      prefix = `${anyPrefix()}[*]\\?`;
      return openStore({ url, prefix });
    },
    reopen: () => redisStore({ url, prefix }),
    ...elsewhere(() => ({ url, prefix })),
    foreign: {
      async put() {
        const client = await connectTo(url);
        onTestFinished(async () => void (await client.del(foreign())));
        await client.set(foreign(), "theirs");
      },
      isThere: async () => (await (await connectTo(url)).get(foreign())) === "theirs",
    },
    // A shared server cannot be stopped.
    ...(start !== undefined && {
      async breakBackend() {
        isStopped = true;
        await stop?.();
      },
    }),
  });
});

describe.skipIf(!canStartRedis)("redisStore on a cluster keeps the contract of a store", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  describe.each(CLIENTS)("through a client of %s:", (_, { createCluster }) => {
    let prefix: string;
    let client: Awaited<ReturnType<typeof connectToCluster>>;
    const foreign = () => `${prefix}v2`;
    run({
      async create() {
        prefix = anyPrefix();
        client = await connectToCluster(cluster, createCluster);
        onTestFinished(() => client.destroy());
        return redisStore({ client, prefix });
      },
      reopen: () => redisStore({ client, prefix }),
      ...elsewhere(() => ({ nodes: cluster.nodes.map(({ url }) => url), prefix })),
      foreign: {
        put: async () => void (await client.set(foreign(), "theirs")),
        isThere: async () => (await client.get(foreign())) === "theirs",
      },
      breakBackend: () => client.destroy(),
    });
  });
});
