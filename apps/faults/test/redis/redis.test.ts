import { createClient as connect, type RedisClientType } from "@redis/client";
import type { Client } from "@remem/core";
import { redisStore } from "@remem/redis";
import type { RedisServer } from "@remem/test-support/redis/redis-server";
import { fakeProvider } from "@remem/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ask, echo, hearWarnings, open, rightAnswer } from "../client.ts";
import { luck } from "../seed.ts";
import { canStartRedis, redisFor } from "../stores.ts";

const questions = Array.from({ length: 50 }, (_, index) => `question ${index}`);

/** Checks that every call has its own right answer. Returns the sources of the answers. */
async function asksAll(client: Client, asked: readonly string[] = questions): Promise<Set<string>> {
  const results = await Promise.all(asked.map((question) => ask(client, question)));
  for (const [index, { response }] of results.entries()) expect(response).toBe(rightAnswer(asked[index]));
  return new Set(results.map(({ source }) => source));
}

let asked = 0;
const fresh = (): string[] => questions.map((question) => `${question}, time ${asked++}`);

/** Waits until a new answer is stored and served again, without a restart. */
async function cachesAgain(client: Client): Promise<void> {
  await vi.waitFor(
    async () => {
      const [question] = fresh();
      await ask(client, question!);
      expect(await ask(client, question!)).toMatchObject({ source: "store" });
    },
    { timeout: 30_000, interval: 50 },
  );
  await asksAll(client);
  expect(await asksAll(client)).toEqual(new Set(["store"]));
}

function openOver({ url }: RedisServer): { client: Client; provider: ReturnType<typeof echo> } {
  const provider = echo();
  const store = redisStore({ url });
  return { provider, client: open({ provider, store }).client };
}

async function adminOf({ url }: Pick<RedisServer, "url">): Promise<RedisClientType> {
  const admin = connect({ url });
  admin.on("error", () => {});
  onTestFinished(() => {
    if (admin.isOpen) admin.destroy();
  });
  await admin.connect();
  return admin as RedisClientType;
}

describe.skipIf(!canStartRedis)(
  "calls are answered, caching resumes without a restart, and no reply is crossed:",
  () => {
    test("a Redis that is down at first, and starts later", async () => {
      const warnings = hearWarnings();
      const redis = await redisFor();
      await redis.stop();
      const { client } = openOver(redis);
      expect(await asksAll(client)).toEqual(new Set(["provider"]));
      expect(warnings.codes.length).toBeGreaterThan(0);
      expect(warnings.codes.length).toBeLessThanOrEqual(3);
      await redis.start();
      await cachesAgain(client);
    });

    test("a Redis that is killed during calls, and comes back empty", async () => {
      hearWarnings();
      const redis = await redisFor();
      const { client } = openOver(redis);
      await asksAll(client);
      const answers = asksAll(client, [...questions, ...fresh()]);
      await redis.stop();
      await answers;
      expect(await asksAll(client)).toEqual(new Set(["provider"]));
      await redis.start();
      await cachesAgain(client);
    });

    test("a Redis that is frozen, and resumes", async () => {
      hearWarnings();
      const redis = await redisFor();
      const { client } = openOver(redis);
      await asksAll(client);
      process.kill(redis.pid, "SIGSTOP");
      expect(await asksAll(client)).toEqual(new Set(["provider"]));
      expect(await asksAll(client, fresh())).toEqual(new Set(["provider"]));
      process.kill(redis.pid, "SIGCONT");
      await cachesAgain(client);
    });

    test("a Redis that is frozen while another process leads: followers go on alone", async () => {
      hearWarnings();
      const redis = await redisFor();
      const one = openOver(redis);
      const two = openOver(redis);
      await Promise.all([asksAll(one.client, ["x"]), asksAll(two.client, ["y"])]);
      const both = Promise.all([asksAll(one.client), asksAll(two.client)]);
      process.kill(redis.pid, "SIGSTOP");
      await both;
      process.kill(redis.pid, "SIGCONT");
      await cachesAgain(one.client);
      await cachesAgain(two.client);
    });

    test("OOM under noeviction: hits are served meanwhile", async () => {
      hearWarnings();
      const redis = await redisFor();
      const admin = await adminOf(redis);
      const { client } = openOver(redis);
      await asksAll(client);
      await admin.configSet("maxmemory", "1");
      expect(await asksAll(client)).toEqual(new Set(["store"]));
      expect(await asksAll(client, fresh())).toEqual(new Set(["provider"]));
      await admin.configSet("maxmemory", "0");
      await cachesAgain(client);
    });

    test("READONLY: the master has become a replica", async () => {
      hearWarnings();
      const [redis, master] = await Promise.all([redisFor(), redisFor()]);
      const admin = await adminOf(redis);
      const { client } = openOver(redis);
      await asksAll(client);
      await admin.sendCommand(["REPLICAOF", "127.0.0.1", `${master.port}`]);
      await asksAll(client);
      expect(await asksAll(client, fresh())).toEqual(new Set(["provider"]));
      await admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
      await cachesAgain(client);
    });

    async function openOverLists(): Promise<Client> {
      hearWarnings();
      const redis = await redisFor();
      const admin = await adminOf(redis);
      const { client } = openOver(redis);
      await asksAll(client);
      for (const key of await admin.keys("remem:*")) {
        await admin.del(key);
        await admin.lPush(key, "theirs");
      }
      return client;
    }

    test("WRONGTYPE: keys of answers hold something else", async () => {
      const client = await openOverLists();
      for (let round = 0; round < 3; round++) await asksAll(client);
    });

    test("WRONGTYPE, until the next answer", async () => {
      await cachesAgain(await openOverLists());
    });

    test("changed or swapped values are never served, and are replaced", async () => {
      hearWarnings();
      const redis = await redisFor();
      const admin = await adminOf(redis);
      const { client, provider } = openOver(redis);
      await asksAll(client);
      const keys = (await admin.keys("remem:*")).filter((key) => key.endsWith(":v"));
      const values = await Promise.all(keys.map((key) => admin.get(key)));
      const changes = [
        (index: number) => values[(index + 1) % keys.length]!,
        (index: number) => values[index]!.replace("re: ", "No: "),
        (index: number) => values[index]!.slice(0, 100),
        () => "",
        () => "\0".repeat(10_000),
      ];
      for (const change of changes) {
        for (const [index, key] of keys.entries()) await admin.set(key, change(index));
        expect(await asksAll(client)).toEqual(new Set(["provider"]));
        expect(await asksAll(client)).toEqual(new Set(["store"]));
      }
      expect(provider.calls).toHaveLength(questions.length * (1 + changes.length));
    });

    test("repeated CLIENT KILL", async () => {
      hearWarnings();
      const redis = await redisFor();
      const admin = await adminOf(redis);
      const { client } = openOver(redis);
      for (let round = 0; round < 20; round++) {
        const answers = asksAll(client, round % 2 === 0 ? questions : fresh());
        await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        await answers;
      }
      await cachesAgain(client);
    });

    test("FLUSHALL and SCRIPT FLUSH during calls", async () => {
      hearWarnings();
      const redis = await redisFor();
      const admin = await adminOf(redis);
      const { client } = openOver(redis);
      for (let round = 0; round < 10; round++) {
        const answers = asksAll(client, round % 2 === 0 ? questions : fresh());
        await admin.sendCommand(["FLUSHALL"]);
        await admin.sendCommand(["SCRIPT", "FLUSH"]);
        await answers;
      }
      await cachesAgain(client);
    });

    test("all of these faults at random", async ({ annotate }) => {
      hearWarnings();
      const dice = luck();
      await annotate(`REMEM_SEED=${dice.seed}`);
      const redis = await redisFor();
      const clients = [openOver(redis), openOver(redis), openOver(redis)];
      const abuses = [
        async () => {
          await redis.stop();
          await asksAll(clients[0]!.client, fresh().slice(0, 5));
          await redis.start();
        },
        async () => {
          process.kill(redis.pid, "SIGSTOP");
          await asksAll(clients[1]!.client, fresh().slice(0, 5));
          process.kill(redis.pid, "SIGCONT");
        },
        ...[
          ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
          ["CONFIG", "SET", "maxmemory", "1"],
          ["CONFIG", "SET", "maxmemory", "0"],
          ["FLUSHALL"],
          ["CLIENT", "PAUSE", "100"],
        ].map((command) => async () => {
          const admin = await adminOf(redis);
          await admin.sendCommand(command);
          admin.destroy();
        }),
      ];
      for (let round = 0; round < 20; round++) {
        const answers = clients.map(({ client }) => asksAll(client, [dice.oneOf(questions), dice.oneOf(questions)]));
        await dice.oneOf(abuses)();
        await Promise.all(answers);
      }
      await (await adminOf(redis)).configSet("maxmemory", "0");
      for (const { client } of clients) await cachesAgain(client);
    });
  },
);

describe.skipIf(!canStartRedis)("a lease that its holder cannot release", () => {
  test("does not delay callers whose answer is stored", async () => {
    hearWarnings();
    // A user without DEL permission can acquire a lease, but not release it.
    const redis = await redisFor(() => ["--user", "plain", "on", ">pw", "~*", "&*", "+@all", "-del"]);
    const url = redis.url.replace("//", "//plain:pw@");
    const admin = await adminOf(redis);
    const stuck = Promise.withResolvers<void>();
    const slow = fakeProvider(async ({ messages }) => {
      await stuck.promise;
      return rightAnswer(messages.at(-1)?.content);
    });
    const first = open({ provider: slow, store: redisStore({ url }) }).client;
    const provider = echo();
    const { client: second } = open({ provider, store: redisStore({ url }) });

    const leads = ask(first, "x");
    await vi.waitFor(async () => expect(await admin.keys("*:l")).toHaveLength(1), 10_000);
    const waits = ask(second, "x");
    await vi.waitFor(async () => expect(await admin.pubSubChannels()).toHaveLength(1), 10_000);
    stuck.resolve();
    expect(await leads).toMatchObject({ response: rightAnswer("x"), source: "provider" });
    expect(await waits).toMatchObject({ response: rightAnswer("x"), source: "store" });
    expect(provider.calls).toHaveLength(0);
    expect(await admin.keys("*:l")).toHaveLength(1);
  });
});

describe.skipIf(!canStartRedis)("with several Redis servers in one process", () => {
  test("no connection sends the password of another, not even for waiting", async () => {
    const servers = await Promise.all(
      ["one", "two"].map((word) => redisFor(() => ["--requirepass", `${word}-password`])),
    );
    const urls = servers.map(({ port }, index) => `redis://:${["one", "two"][index]}-password@127.0.0.1:${port}`);
    const admins = await Promise.all(urls.map((url) => adminOf({ url })));
    // The last URL names no port, so it has none that could replace the port of another.
    const [one, two, ...rest] = [...urls, ...urls, "redis://:three-password@127.0.0.1"].map((url) =>
      redisStore({ url }),
    );
    onTestFinished(() => Promise.all([one, two, ...rest].map((store) => store!.close())).then(() => {}));

    const leases = [await one!.flights!.enter("k"), await two!.flights!.enter("k")];
    for (const store of rest) await store.get("k").catch(() => {});
    const { signal } = new AbortController();
    const ends = rest.slice(0, 2).map((waiter) => waiter.flights!.changed("k", { signal }));
    for (const admin of admins) {
      await vi.waitFor(async () => expect(await admin.pubSubChannels()).toEqual(["remem:v1:releases"]), 10_000);
    }
    for (const lease of leases) await lease![Symbol.asyncDispose]();
    expect(await Promise.all(ends)).toEqual(["released", "released"]);
    for (const admin of admins) expect(await admin.aclLog()).toEqual([]);
  });
});

describe.skipIf(!canStartRedis)("a prefix is text, not a pattern:", () => {
  test.each(["a*:", "a?:", "a[bc]:", "a\\*:", "a^:"])("clear under %s leaves the keys of others", async (prefix) => {
    const redis = await redisFor();
    const admin = await adminOf(redis);
    const others = ["ab:v1:{k}:v", "a:v1:{k}:v", "abc:v1:{k}:v", "ac:v1:{k}:v"];
    for (const key of others) await admin.set(key, "theirs");
    const store = redisStore({ url: redis.url, prefix });
    onTestFinished(() => store.close());
    await store.set("k", "ours");
    await store.clear();
    expect(await store.get("k")).toBeUndefined();
    for (const key of others) expect(await admin.get(key)).toBe("theirs");
  });
});
