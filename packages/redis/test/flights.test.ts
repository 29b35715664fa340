import { type CacheStore, cacheKey, createClient, type Lease, StoreError } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectToCluster, startCluster } from "@remem/test-support/redis/cluster";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { fakeProvider } from "@remem/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { RedisStoreOptions } from "../src/index.ts";
import { TIMINGS, type Timings } from "../src/leases.ts";
import { storeWith } from "../src/redis-store.ts";
import { ACQUIRE } from "../src/scripts.ts";
import { CLIENTS } from "./clients.ts";
import { connectTo } from "./redis.ts";

const LEASE = "remem:v1:{k}:l";
const RELEASES = "remem:v1:releases";
/** For tests of the published message: checks never find the change first. */
const NEVER_CHECKS = { ...TIMINGS, tickMs: 600_000 };
const CHECKS_OFTEN = { ...TIMINGS, tickMs: 20 };

type Admin = Awaited<ReturnType<typeof connectTo>>;

async function start(...flags: string[]): Promise<RedisServer> {
  const redis = await startRedis(() => flags);
  onTestFinished(() => redis.stop());
  return redis;
}

function open(
  options: RedisStoreOptions,
  timings: Timings = TIMINGS,
): CacheStore & Required<Pick<CacheStore, "flights">> {
  // Timeouts have their own tests; here a machine that stalls for a second must not end a wait.
  const store = storeWith({ timeoutMs: 10_000, ...options }, timings);
  onTestFinished(() => store.close());
  return { ...store, flights: store.flights! };
}

async function acquire({ flights }: ReturnType<typeof open>, key = "k"): Promise<Lease> {
  const lease = await flights.enter(key);
  expect(lease?.lost.aborted).toBe(false);
  return lease!;
}

const release = (lease: Lease) => lease[Symbol.asyncDispose]();

function wait({ flights }: ReturnType<typeof open>, key = "k") {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const end = flights.changed(key, { signal: stop.signal });
  end.catch(() => {});
  return { end, stop: () => stop.abort() };
}

const lost = (lease: Lease) => vi.waitFor(() => expect(lease.lost.aborted).toBe(true), { timeout: 20_000 });

async function isSubscribed(...admins: Admin[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const counts = await Promise.all(admins.map((admin) => admin.pubSubNumSub(RELEASES)));
      expect(counts.reduce((sum, count) => sum + Number(count[RELEASES]), 0)).toBe(1);
    },
    { timeout: 10_000 },
  );
}

describe.skipIf(!canStartRedis)("a lease", () => {
  test("is a token stored beside the value until it is released, and is not an entry", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    const lease = await acquire(store);
    const leftMs = await admin.pTTL(LEASE);
    expect(leftMs).toBeGreaterThan(TIMINGS.leaseMs / 2);
    expect(leftMs).toBeLessThanOrEqual(TIMINGS.leaseMs);
    await store.set("k", "v");
    expect(await collect(store.entries!())).toEqual([["k", "v"]]);
    await store.clear();
    expect(await admin.keys("*")).toEqual([LEASE]);
    await release(lease);
    expect(await admin.dbSize()).toBe(0);
  });

  test("is renewed for as long as it is held", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }, { ...TIMINGS, leaseMs: 3_000 }), await connectTo(url)];
    const lease = await acquire(store);
    for (let renewal = 0; renewal < 2; renewal++) {
      const endsAt = await admin.pExpireTime(LEASE);
      await vi.waitFor(async () => expect(await admin.pExpireTime(LEASE)).toBeGreaterThan(endsAt), 10_000);
    }
    expect(lease.lost.aborted).toBe(false);
  });

  test("that another process has taken over is lost, and the old leader does not disturb the new one", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }, { ...TIMINGS, leaseMs: 300 }), await connectTo(url)];
    const lease = await acquire(store);
    await admin.set(LEASE, "theirs");
    await lost(lease);
    expect(lease.lost.reason).toBeInstanceOf(StoreError);
    await release(lease);
    expect(await admin.get(LEASE)).toBe("theirs");
    expect(await admin.pTTL(LEASE)).toBe(-1);
  });

  test("that was deleted is lost", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }, { ...TIMINGS, leaseMs: 300 }), await connectTo(url)];
    const lease = await acquire(store);
    await admin.del(LEASE);
    await lost(lease);
  });

  test("is lost when Redis is unreachable until it expires", async () => {
    const redis = await start();
    const store = open({ url: redis.url }, { ...TIMINGS, leaseMs: 600 });
    const lease = await acquire(store);
    await redis.stop();
    await lost(lease);
    await expect(release(lease)).rejects.toThrow(/^The store "redis" failed in release at /);
  });

  test("that could not be released because Redis was down is released once Redis is back", async () => {
    const redis = await start();
    const [store, waiter] = [open({ url: redis.url, timeoutMs: 200 }), open({ url: redis.url }, NEVER_CHECKS)];
    const admin = await connectTo(redis.url);
    const lease = await acquire(store);
    const { end } = wait(waiter);
    await isSubscribed(admin);
    process.kill(redis.pid, "SIGSTOP");
    await expect(release(lease)).rejects.toThrow(/^The store "redis" failed in release at /);
    process.kill(redis.pid, "SIGCONT");
    expect(await end).toBe("released");
    expect(await admin.exists(LEASE)).toBe(0);
  });

  test("that was acquired although the reply was lost is released", async () => {
    const redis = await start();
    const [store, admin] = [open({ url: redis.url, timeoutMs: 200 }), await connectTo(redis.url)];
    await store.get("k");
    process.kill(redis.pid, "SIGSTOP");
    await expect(store.flights.enter("k")).rejects.toThrow(/^The store "redis" failed in enter at /);
    process.kill(redis.pid, "SIGCONT");
    await vi.waitFor(async () => expect((await commandsOf(admin)).eval).toBeGreaterThanOrEqual(2), 10_000);
    await vi.waitFor(async () => expect(await admin.exists(LEASE)).toBe(0), 10_000);
  });

  test("is acquired once by a client that retries after a lost reply", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    await acquire(store);
    const token = await admin.get(LEASE);
    const again = { keys: [LEASE], arguments: [token!, "15000"] };
    expect(await admin.eval(ACQUIRE, again)).toBe(1);
    expect(await admin.eval(ACQUIRE, { ...again, arguments: ["another", "15000"] })).toBe(0);
    expect(await admin.get(LEASE)).toBe(token);
  });

  test("that was lost, whether noticed or not, no longer lets its holder replace a value, only fill an empty slot", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    await acquire(store);
    await store.set("k", "first");
    await store.set("k", "second", { expiresAt: Date.now() + 60_000 });
    expect(await admin.get("remem:v1:{k}:v")).toBe("second");
    expect(await admin.pTTL("remem:v1:{k}:v")).toBeGreaterThan(30_000);
    await admin.set(LEASE, "theirs");
    await store.set("k", "late");
    expect(await store.get("k")).toBe("second");
    await store.delete("k");
    await store.set("k", "late");
    expect(await store.get("k")).toBe("late");
    await store.set("another", "v");
    await store.set("another", "w");
    expect(await store.get("another")).toBe("w");
  });

  test("is refused to users without permission to run scripts, who could not release it", async () => {
    const { url } = await start("--user", "plain", "on", ">pw", "~*", "&*", "+@all", "-@scripting");
    const store = open({ url: url.replace("//", "//plain:pw@") });
    await expect(store.flights.enter("k")).rejects.toThrow(/failed in enter at .*: NOPERM /);
    expect(await (await connectTo(url)).dbSize()).toBe(0);
    await store.set("k", "v");
  });
});

describe.skipIf(!canStartRedis)("a waiter", () => {
  test.each(["a connection of its own", "a client of version 5", "a client of version 6", "a cluster"])(
    "learns over %s that the lease was released",
    async (kind) => {
      let options: RedisStoreOptions;
      let admins: Admin[];
      if (kind.startsWith("a cluster")) {
        const cluster = await startCluster();
        onTestFinished(() => cluster.stop());
        const client = await connectToCluster(cluster);
        onTestFinished(() => client.destroy());
        [options, admins] = [{ client }, await Promise.all(cluster.nodes.map(({ url }) => connectTo(url)))];
      } else {
        const { url } = await start();
        const admin = await connectTo(url);
        const [, library] = CLIENTS.find(([version]) => kind.endsWith(version)) ?? [];
        [options, admins] = [library ? { client: await connectTo(url, library.createClient) } : { url }, [admin]];
      }
      const [leader, waiter] = [open(options), open(options, NEVER_CHECKS)];
      for (let round = 0; round < 2; round++) {
        const lease = await acquire(leader);
        const [first, second] = [wait(waiter), wait(waiter)];
        await isSubscribed(...admins);
        await release(lease);
        expect(await Promise.all([first.end, second.end])).toEqual(["released", "released"]);
      }
    },
  );

  test("notices that a lease has ended without a message, and does not report it as released", async () => {
    const { url } = await start();
    const [leader, waiter, admin] = [open({ url }), open({ url }, CHECKS_OFTEN), await connectTo(url)];
    await acquire(leader);
    const { end } = wait(waiter);
    await isSubscribed(admin);
    await admin.del(LEASE);
    expect(await end).toBe("unknown");
  });

  test("notices also without permission to publish or subscribe, and without failing", async () => {
    const { url } = await start("--user", "mute", "on", ">pw", "~*", "resetchannels", "+@all");
    const options = { url: url.replace("//", "//mute:pw@") };
    const [leader, waiter] = [open(options), open(options, CHECKS_OFTEN)];
    const lease = await acquire(leader);
    const { end } = wait(waiter);
    await release(lease);
    expect(await end).toBe("unknown");
  });

  test("subscribes again after its connection was killed", async () => {
    const { url } = await start();
    const [leader, waiter, admin] = [open({ url }), open({ url }, CHECKS_OFTEN), await connectTo(url)];
    await acquire(leader);
    const { end } = wait(waiter);
    for (let round = 0; round < 3; round++) {
      await isSubscribed(admin);
      expect(await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"])).toBe(1);
    }
    await isSubscribed(admin);
    await admin.del(LEASE);
    await end;
  });

  test("uses one additional connection for any number of keys, and none once nobody waits", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    for (const key of keys) await acquire(store, key);
    const waits = keys.map((key) => wait(store, key));
    await isSubscribed(admin);
    expect(await admin.clientList()).toHaveLength(3);
    for (const { stop } of waits) stop();
    await vi.waitFor(async () => expect(await admin.clientList()).toHaveLength(2));
  });

  test("checks a hundred keys with one command", async () => {
    const { url } = await start();
    const [leader, waiter, admin] = [open({ url }), open({ url }, CHECKS_OFTEN), await connectTo(url)];
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    for (const key of keys) await acquire(leader, key);
    const waits = keys.map((key) => wait(waiter, key));
    await isSubscribed(admin);
    await admin.configResetStat();
    await vi.waitFor(async () => expect((await commandsOf(admin)).mget).toBeGreaterThanOrEqual(10), 10_000);
    const { mget = 0, info: _, "config|resetstat": __, ...others } = await commandsOf(admin);
    expect(mget).toBeLessThan(100);
    expect(others).toEqual({});
    for (const { stop } of waits) stop();
  });

  test.each(["frozen", "killed"])(
    "fails when Redis is %s meanwhile, and its client calls the provider itself",
    async (fate) => {
      const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
      onTestFinished(() => warn.mockRestore());
      const redis = await start();
      const leader = open({ url: redis.url });
      const waiter = open({ url: redis.url }, CHECKS_OFTEN);
      await acquire(leader);
      const { end } = wait(waiter);

      const client = createClient({ provider: fakeProvider("Fine."), store: waiter, params: { model: "m" } });
      const questions = Array.from({ length: 20 }, (_, index) => [{ role: "user", content: `${index}` }] as const);
      for (const messages of questions) await acquire(leader, cacheKey({ model: "m", messages }));
      const answers = questions.map((question) => client.infer(question));
      await isSubscribed(await connectTo(redis.url));
      if (fate === "frozen") process.kill(redis.pid, "SIGSTOP");
      else await redis.stop();
      await expect(end).rejects.toThrow(/^The store "redis" failed in changed at /);
      for (const answer of await Promise.all(answers)) {
        expect(answer).toMatchObject({ response: "Fine.", source: "provider" });
      }
      if (fate === "frozen") process.kill(redis.pid, "SIGCONT");
    },
  );
});

describe.skipIf(!canStartRedis)("closing", () => {
  test("releases held leases, ends pending waits, and leaves no connection", async () => {
    const { url } = await start();
    const [store, other, admin] = [open({ url }), open({ url }), await connectTo(url)];
    const lease = await acquire(store);
    await acquire(other, "theirs");
    const { end } = wait(store, "theirs");
    await isSubscribed(admin);
    await store.close();
    await expect(end).rejects.toMatchObject({ code: "STORE_CLOSED" });
    expect(await admin.keys("*")).toEqual(["remem:v1:{theirs}:l"]);
    await release(lease);
    await expect(store.flights.enter("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
    await vi.waitFor(async () => expect(await admin.clientList()).toHaveLength(2));
  });

  test("also releases a lease that is being acquired", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    const entering = store.flights.enter("k");
    await store.close();
    expect(await entering).toBeDefined();
    expect(await admin.dbSize()).toBe(0);
  });
});

/** How often each command was called. */
async function commandsOf(admin: Admin): Promise<Record<string, number>> {
  const lines = (await admin.info("commandstats")).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return Object.fromEntries(Array.from(lines, ([, command, calls]) => [command, Number(calls)]));
}
