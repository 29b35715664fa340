import { type CacheStore, cacheKey, createClient, type Lease, StoreError } from "@remem/core";
import { fakeProvider } from "@remem/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { canStartRedis, type RedisServer, startRedis } from "../../testing/test/redis-server.ts";
import type { RedisStoreOptions } from "../src/index.ts";
import { TIMINGS, type Timings } from "../src/leases.ts";
import { storeWith } from "../src/redis-store.ts";
import { ACQUIRE } from "../src/scripts.ts";
import { CLIENTS } from "./clients.ts";
import { connectToCluster, startCluster } from "./cluster.ts";
import { collect, connectTo } from "./redis.ts";

const LEAD = "remem:v1:{k}:l";
const RELEASES = "remem:v1:releases";
/** For tests of what is told, not found. */
const HARDLY_LOOKS = { ...TIMINGS, tickMs: 600_000 };
const LOOKS_OFTEN = { ...TIMINGS, tickMs: 20 };

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
  // Deadlines are for other tests: here a machine that stands still for a second must not end a wait.
  const store = storeWith({ timeoutMs: 10_000, ...options }, timings);
  onTestFinished(() => store.close());
  return { ...store, flights: store.flights! };
}

async function lead({ flights }: ReturnType<typeof open>, key = "k"): Promise<Lease> {
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

async function isHeard(...admins: Admin[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const counts = await Promise.all(admins.map((admin) => admin.pubSubNumSub(RELEASES)));
      expect(counts.reduce((sum, count) => sum + Number(count[RELEASES]), 0)).toBe(1);
    },
    { timeout: 10_000 },
  );
}

describe.skipIf(!canStartRedis)("a lead", () => {
  test("lies as a token beside the value until it is given up, and is no entry", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    const lease = await lead(store);
    const leftMs = await admin.pTTL(LEAD);
    expect(leftMs).toBeGreaterThan(TIMINGS.leaseMs / 2);
    expect(leftMs).toBeLessThanOrEqual(TIMINGS.leaseMs);
    await store.set("k", "v");
    expect(await collect(store.entries!())).toEqual([["k", "v"]]);
    await store.clear();
    expect(await admin.keys("*")).toEqual([LEAD]);
    await release(lease);
    expect(await admin.dbSize()).toBe(0);
  });

  test("is renewed for as long as it is held", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }, { ...TIMINGS, leaseMs: 3_000 }), await connectTo(url)];
    const lease = await lead(store);
    for (let renewal = 0; renewal < 2; renewal++) {
      const endsAt = await admin.pExpireTime(LEAD);
      await vi.waitFor(async () => expect(await admin.pExpireTime(LEAD)).toBeGreaterThan(endsAt), 10_000);
    }
    expect(lease.lost.aborted).toBe(false);
  });

  test("that another has taken over is lost, and its successor loses nothing by it", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }, { ...TIMINGS, leaseMs: 300 }), await connectTo(url)];
    const lease = await lead(store);
    await admin.set(LEAD, "theirs");
    await lost(lease);
    expect(lease.lost.reason).toBeInstanceOf(StoreError);
    await release(lease);
    expect(await admin.get(LEAD)).toBe("theirs");
    expect(await admin.pTTL(LEAD)).toBe(-1);
  });

  test("that is gone is lost", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }, { ...TIMINGS, leaseMs: 300 }), await connectTo(url)];
    const lease = await lead(store);
    await admin.del(LEAD);
    await lost(lease);
  });

  test("is lost when Redis cannot be reached for as long as it lasts", async () => {
    const redis = await start();
    const store = open({ url: redis.url }, { ...TIMINGS, leaseMs: 600 });
    const lease = await lead(store);
    await redis.stop();
    await lost(lease);
    await expect(release(lease)).rejects.toThrow(/^The store "redis" failed in release at /);
  });

  test("that could not be given up, since Redis was away, is given up once it is back", async () => {
    const redis = await start();
    const [store, waiter] = [open({ url: redis.url, timeoutMs: 200 }), open({ url: redis.url }, HARDLY_LOOKS)];
    const admin = await connectTo(redis.url);
    const lease = await lead(store);
    const { end } = wait(waiter);
    await isHeard(admin);
    process.kill(redis.pid, "SIGSTOP");
    await expect(release(lease)).rejects.toThrow(/^The store "redis" failed in release at /);
    process.kill(redis.pid, "SIGCONT");
    expect(await end).toBe("released");
    expect(await admin.exists(LEAD)).toBe(0);
  });

  test("that was taken though nobody was told so is given up", async () => {
    const redis = await start();
    const [store, admin] = [open({ url: redis.url, timeoutMs: 200 }), await connectTo(redis.url)];
    await store.get("k");
    process.kill(redis.pid, "SIGSTOP");
    await expect(store.flights.enter("k")).rejects.toThrow(/^The store "redis" failed in enter at /);
    process.kill(redis.pid, "SIGCONT");
    await vi.waitFor(async () => expect((await commandsOf(admin)).eval).toBeGreaterThanOrEqual(2), 10_000);
    await vi.waitFor(async () => expect(await admin.exists(LEAD)).toBe(0), 10_000);
  });

  test("is taken once by who tries again, since the first answer was lost", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    await lead(store);
    const token = await admin.get(LEAD);
    const again = { keys: [LEAD], arguments: [token!, "15000"] };
    expect(await admin.eval(ACQUIRE, again)).toBe(1);
    expect(await admin.eval(ACQUIRE, { ...again, arguments: ["another", "15000"] })).toBe(0);
    expect(await admin.get(LEAD)).toBe(token);
  });

  test("that was lost, known or not, replaces no value, and fills a gap", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    await lead(store);
    await store.set("k", "first");
    await store.set("k", "second", { expiresAt: Date.now() + 60_000 });
    expect(await admin.get("remem:v1:{k}:v")).toBe("second");
    expect(await admin.pTTL("remem:v1:{k}:v")).toBeGreaterThan(30_000);
    await admin.set(LEAD, "theirs");
    await store.set("k", "late");
    expect(await store.get("k")).toBe("second");
    await store.delete("k");
    await store.set("k", "late");
    expect(await store.get("k")).toBe("late");
    await store.set("another", "v");
    await store.set("another", "w");
    expect(await store.get("another")).toBe("w");
  });

  test("is not for those who may run no scripts, and so could not give it up", async () => {
    const { url } = await start("--user", "plain", "on", ">pw", "~*", "&*", "+@all", "-@scripting");
    const store = open({ url: url.replace("//", "//plain:pw@") });
    await expect(store.flights.enter("k")).rejects.toThrow(/failed in enter at .*: NOPERM /);
    expect(await (await connectTo(url)).dbSize()).toBe(0);
    await store.set("k", "v");
  });
});

describe.skipIf(!canStartRedis)("who waits", () => {
  test.each(["a connection of its own", "a client of version 5", "a client of version 6", "a cluster"])(
    "hears over %s that the lead was given up",
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
      const [leader, waiter] = [open(options), open(options, HARDLY_LOOKS)];
      for (let round = 0; round < 2; round++) {
        const lease = await lead(leader);
        const [first, second] = [wait(waiter), wait(waiter)];
        await isHeard(...admins);
        await release(lease);
        expect(await Promise.all([first.end, second.end])).toEqual(["released", "released"]);
      }
    },
  );

  test("finds out that a lead has ended unannounced, and does not say that it was given up", async () => {
    const { url } = await start();
    const [leader, waiter, admin] = [open({ url }), open({ url }, LOOKS_OFTEN), await connectTo(url)];
    await lead(leader);
    const { end } = wait(waiter);
    await isHeard(admin);
    await admin.del(LEAD);
    expect(await end).toBe("unknown");
  });

  test("finds out also where nobody may publish or subscribe, which fails no one", async () => {
    const { url } = await start("--user", "mute", "on", ">pw", "~*", "resetchannels", "+@all");
    const options = { url: url.replace("//", "//mute:pw@") };
    const [leader, waiter] = [open(options), open(options, LOOKS_OFTEN)];
    const lease = await lead(leader);
    const { end } = wait(waiter);
    await release(lease);
    expect(await end).toBe("unknown");
  });

  test("hears again after the subscription was cut", async () => {
    const { url } = await start();
    const [leader, waiter, admin] = [open({ url }), open({ url }, LOOKS_OFTEN), await connectTo(url)];
    await lead(leader);
    const { end } = wait(waiter);
    for (let round = 0; round < 3; round++) {
      await isHeard(admin);
      expect(await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"])).toBe(1);
    }
    await isHeard(admin);
    await admin.del(LEAD);
    await end;
  });

  test("does so over one connection more, however many keys it is, and over none when nobody waits", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    for (const key of keys) await lead(store, key);
    const waits = keys.map((key) => wait(store, key));
    await isHeard(admin);
    expect(await admin.clientList()).toHaveLength(3);
    for (const { stop } of waits) stop();
    await vi.waitFor(async () => expect(await admin.clientList()).toHaveLength(2));
  });

  test("for a hundred keys looks at all of them with one command", async () => {
    const { url } = await start();
    const [leader, waiter, admin] = [open({ url }), open({ url }, LOOKS_OFTEN), await connectTo(url)];
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    for (const key of keys) await lead(leader, key);
    const waits = keys.map((key) => wait(waiter, key));
    await isHeard(admin);
    await admin.configResetStat();
    await vi.waitFor(async () => expect((await commandsOf(admin)).mget).toBeGreaterThanOrEqual(10), 10_000);
    const { mget = 0, info: _, "config|resetstat": __, ...others } = await commandsOf(admin);
    expect(mget).toBeLessThan(100);
    expect(others).toEqual({});
    for (const { stop } of waits) stop();
  });

  test.each(["frozen", "killed"])("is told so when Redis is %s meanwhile, and goes on alone", async (fate) => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const redis = await start();
    const leader = open({ url: redis.url });
    const waiter = open({ url: redis.url }, LOOKS_OFTEN);
    await lead(leader);
    const { end } = wait(waiter);

    const client = createClient({ provider: fakeProvider("Fine."), store: waiter, params: { model: "m" } });
    const questions = Array.from({ length: 20 }, (_, index) => [{ role: "user", content: `${index}` }] as const);
    for (const messages of questions) await lead(leader, cacheKey({ model: "m", messages }));
    const answers = questions.map((question) => client.infer(question));
    await isHeard(await connectTo(redis.url));
    if (fate === "frozen") process.kill(redis.pid, "SIGSTOP");
    else await redis.stop();
    await expect(end).rejects.toThrow(/^The store "redis" failed in changed at /);
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ response: "Fine.", source: "provider" });
    }
    if (fate === "frozen") process.kill(redis.pid, "SIGCONT");
  });
});

describe.skipIf(!canStartRedis)("closing", () => {
  test("gives up what is led, ends what is waited for, and leaves no connection", async () => {
    const { url } = await start();
    const [store, other, admin] = [open({ url }), open({ url }), await connectTo(url)];
    const lease = await lead(store);
    await lead(other, "theirs");
    const { end } = wait(store, "theirs");
    await isHeard(admin);
    await store.close();
    await expect(end).rejects.toMatchObject({ code: "STORE_CLOSED" });
    expect(await admin.keys("*")).toEqual(["remem:v1:{theirs}:l"]);
    await release(lease);
    await expect(store.flights.enter("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
    await vi.waitFor(async () => expect(await admin.clientList()).toHaveLength(2));
  });

  test("gives up also what is being taken", async () => {
    const { url } = await start();
    const [store, admin] = [open({ url }), await connectTo(url)];
    const entering = store.flights.enter("k");
    await store.close();
    expect(await entering).toBeDefined();
    expect(await admin.dbSize()).toBe(0);
  });
});

/** How often each was called. */
async function commandsOf(admin: Admin): Promise<Record<string, number>> {
  const lines = (await admin.info("commandstats")).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return Object.fromEntries(Array.from(lines, ([, command, calls]) => [command, Number(calls)]));
}
