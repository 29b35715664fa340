import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type CacheStore, createClient, StoreError } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectToCluster, startCluster } from "@remem/test-support/redis/cluster";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { fakeProvider } from "@remem/testing";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type RedisStoreOptions, redisStore } from "../src/index.ts";
import { connectTo, works } from "./redis.ts";

async function start(flags?: () => readonly string[]): Promise<RedisServer> {
  const redis = await startRedis(flags);
  onTestFinished(() => redis.stop());
  return redis;
}

function open(options: RedisStoreOptions): CacheStore {
  const store = redisStore(options);
  onTestFinished(() => store.close());
  return store;
}

const freeze = ({ pid }: RedisServer) => process.kill(pid, "SIGSTOP");
const thaw = ({ pid }: RedisServer) => process.kill(pid, "SIGCONT");

const operations: Readonly<Record<string, (store: CacheStore) => Promise<unknown>>> = {
  get: (store) => store.get("k"),
  getMany: (store) => store.getMany!(["k", "l"]),
  set: (store) => store.set("k", "new"),
  "set with ifAbsent": (store) => store.set("k", "new", { ifAbsent: true }),
  "set of an expired value": (store) => store.set("k", "new", { expiresAt: 1 }),
  delete: (store) => store.delete("k"),
  clear: (store) => store.clear(),
  entries: (store) => collect(store.entries!()),
  enter: (store) => store.flights!.enter("k"),
  changed: (store) => store.flights!.changed("k", { signal: new AbortController().signal }),
};

/** Checks that every operation rejects with a `StoreError`. */
async function allFail(store: CacheStore): Promise<StoreError[]> {
  const outcomes = await Promise.allSettled(Object.values(operations).map((run) => run(store)));
  return outcomes.map((outcome, index) => {
    const name = Object.keys(operations)[index];
    if (outcome.status === "fulfilled") throw new Error(`${name} answered ${outcome.value}.`);
    expect(StoreError.is(outcome.reason), `${name} rejected with ${outcome.reason}`).toBe(true);
    return outcome.reason;
  });
}

const KEYS = Array.from({ length: 200 }, (_, index) => `key ${index}`);

async function fill(store: CacheStore): Promise<void> {
  for (const key of KEYS) await store.set(key, `value of ${key}`);
}

/** Checks that no reply was matched to another command: every key has its own value, or none. */
async function nothingIsCrossed(store: CacheStore): Promise<void> {
  const values = await Promise.all(KEYS.map((key) => store.get(key)));
  for (const [index, value] of values.entries()) expect([`value of ${KEYS[index]}`, undefined]).toContain(value);
}

async function connectionsEver(client: Awaited<ReturnType<typeof connectTo>>): Promise<number> {
  return Number(/total_connections_received:(\d+)/.exec(await client.info("stats"))?.[1]);
}

/** Checks that a caller gets an answer, whatever the store does. Returns whether it was a hit. */
async function isAnswered(store: CacheStore, question: string): Promise<boolean> {
  const client = createClient({ provider: fakeProvider("Fine."), store, params: { model: "m" } });
  const { response, cacheHit } = await client.infer([{ role: "user", content: question }]);
  expect(response).toBe("Fine.");
  return cacheHit;
}

// Calls bypass the store with a process warning.
beforeEach(() => {
  const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
  return () => warn.mockRestore();
});

describe.skipIf(!canStartRedis)("every operation rejects with a StoreError, and caching resumes by itself:", () => {
  test("a Redis that is down at first and starts later", async () => {
    const redis = await start();
    await redis.stop();
    const store = open({ url: redis.url });
    for (const error of await allFail(store)) expect(error.message).toContain(`at ${redis.url}`);
    expect(await isAnswered(store, "down")).toBe(false);
    await redis.start();
    await works(store);
    expect(await isAnswered(store, "up")).toBe(false);
    expect(await isAnswered(store, "up")).toBe(true);
  });

  test("a Redis that is killed under load and restarted", async () => {
    const redis = await start();
    const store = open({ url: redis.url });
    await fill(store);
    const asked = KEYS.map((key) => store.get(key));
    const [outcomes] = await Promise.all([Promise.allSettled(asked), redis.stop()]);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") expect(outcome.value).toBe(`value of ${KEYS[index]}`);
      else expect(StoreError.is(outcome.reason)).toBe(true);
    }
    await allFail(store);
    expect(await isAnswered(store, "down")).toBe(false);
    await redis.start();
    await works(store);
    await nothingIsCrossed(store);
  });

  test("a Redis that is frozen under load and resumed", async () => {
    const redis = await start();
    const store = open({ url: redis.url, timeoutMs: 200 });
    await fill(store);
    freeze(redis);
    const asked = await Promise.allSettled(KEYS.map((key) => store.get(key)));
    for (const outcome of asked) {
      const lost = /: (no answer within `timeoutMs` \(200 ms\)|the connection was lost)$/;
      expect(outcome).toMatchObject({ reason: { message: expect.stringMatching(lost) } });
    }
    await allFail(store);
    expect(await isAnswered(store, "frozen")).toBe(false);
    thaw(redis);
    await works(store);
    await nothingIsCrossed(store);
    expect(await isAnswered(store, "thawed")).toBe(false);
    expect(await isAnswered(store, "thawed")).toBe(true);
  });

  test("a Redis that is frozen until the store reconnects leaves a single connection", async () => {
    const redis = await start();
    const store = open({ url: redis.url, timeoutMs: 50 });
    const admin = await connectTo(redis.url);
    await works(store);
    freeze(redis);
    for (let attempt = 0; attempt < 5; attempt++) await expect(store.get("k")).rejects.toThrow("no answer within");
    thaw(redis);
    await works(store);
    await vi.waitFor(async () => expect(await admin.clientList()).toHaveLength(2));
  });

  test("a frozen Redis that accepts no more connections leaves no late connection behind", async () => {
    const redis = await start(() => ["--tcp-backlog", "1"]);
    const store = open({ url: redis.url, timeoutMs: 200 });
    const admin = await connectTo(redis.url);
    freeze(redis);
    const others = [1, 2, 3].map(() => connect(redis.port, "127.0.0.1").on("error", () => {}));
    await once(others[0]!, "connect");
    await allFail(store);
    thaw(redis);
    await works(store);
    // One of admin, three of the others, and two of the store: the late one and the working one.
    await vi.waitFor(async () => expect(await connectionsEver(admin)).toBeGreaterThanOrEqual(6), 30_000);
    for (const socket of others) socket.destroy();
    await vi.waitFor(async () => expect(await admin.clientList()).toHaveLength(2));
  });

  test("a connection that goes silent while new ones would work", async () => {
    const redis = await start();
    const address = await relay(redis.port);
    const store = open({ url: address.url, timeoutMs: 100 });
    await works(store);
    address.strand();
    await expect(store.get("k")).rejects.toThrow("no answer within");
    await store.set("k", "v");
  });

  test("CLIENT KILL", async () => {
    const redis = await start();
    const store = open({ url: redis.url });
    const admin = await connectTo(redis.url);
    await fill(store);
    for (let round = 0; round < 5; round++) {
      const asked = Promise.allSettled(KEYS.map((key) => store.get(key)));
      await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
      for (const [index, outcome] of (await asked).entries()) {
        if (outcome.status === "fulfilled") expect(outcome.value).toBe(`value of ${KEYS[index]}`);
        else expect(StoreError.is(outcome.reason)).toBe(true);
      }
      await works(store);
    }
    await nothingIsCrossed(store);
  });

  test("a full Redis refuses writes and still serves hits", async () => {
    const redis = await start();
    const store = open({ url: redis.url });
    const admin = await connectTo(redis.url);
    await isAnswered(store, "stored");
    await admin.configSet("maxmemory", "1");
    for (let index = 0; index < 10; index++) {
      await expect(store.set(`${index}`, "v")).rejects.toThrow(/^The store "redis" failed in set at .*: OOM /);
    }
    expect(await isAnswered(store, "stored")).toBe(true);
    expect(await isAnswered(store, "not stored")).toBe(false);
    await admin.configSet("maxmemory", "0");
    await store.set("k", "v");
  });

  test("a Redis that has become a replica refuses writes and still serves reads", async () => {
    const [redis, master] = await Promise.all([start(), start()]);
    const [store, admin] = [open({ url: redis.url }), await connectTo(redis.url)];
    await store.set("k", "v");
    await admin.sendCommand(["REPLICAOF", "127.0.0.1", `${master.port}`]);
    const outcomes = await Promise.allSettled(KEYS.map((key) => store.set(key, "v")));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { message: expect.stringContaining("READONLY") } });
    }
    await store.get("k");
    await admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
    await store.set("k", "v");
  });

  test("a failover that gives the address to another Redis", async () => {
    const [old, next] = await Promise.all([start(), start()]);
    const address = await relay(old.port);
    const store = open({ url: address.url });
    await store.set("k", "v");
    await (await connectTo(old.url)).sendCommand(["REPLICAOF", "127.0.0.1", `${next.port}`]);
    address.leadTo(next.port);
    await expect(store.set("k", "v")).rejects.toThrow("READONLY");
    await store.set("k", "v");
    expect(await (await connectTo(next.url)).dbSize()).toBe(1);
  });

  test("a user without a permission", async () => {
    const redis = await start(() => ["--user", "reader", "on", ">pw", "~*", "+@all", "-set"]);
    const store = open({ url: redis.url.replace("//", "//reader:pw@") });
    const admin = await connectTo(redis.url);
    await expect(store.set("k", "v")).rejects.toThrow(/failed in set at .*: NOPERM /);
    expect(await store.get("k")).toBeUndefined();
    await admin.sendCommand(["ACL", "SETUSER", "reader", "+set"]);
    await store.set("k", "v");
  });

  test.each([{}, { ifAbsent: true }])(
    "a key of another type is read as damaged and replaced by the next write (%j)",
    async (options) => {
      const redis = await start();
      const store = open({ url: redis.url });
      await (await connectTo(redis.url)).lPush("remem:v1:{k}:v", "theirs");
      expect(await store.get("k")).toBe("");
      expect(await store.getMany!(["k"])).toEqual([undefined]);
      await store.set("k", "v", options);
      expect(await store.get("k")).toBe("v");
      await store.set("k", "another", { ifAbsent: true });
      expect(await store.get("k")).toBe("v");
    },
  );

  test("a cluster with a node that is frozen and resumed", async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const client = await connectToCluster(cluster);
    onTestFinished(() => client.destroy());
    const store = open({ client, timeoutMs: 200 });
    await fill(store);
    freeze(cluster.nodes[0]!);
    const outcomes = await Promise.allSettled(KEYS.map((key) => store.get(key)));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") expect(outcome.value).toBe(`value of ${KEYS[index]}`);
      else expect(outcome.reason.message).toContain("through its client: no answer within");
    }
    expect(new Set(outcomes.map(({ status }) => status)).size).toBe(2);
    thaw(cluster.nodes[0]!);
    await works(store);
    await nothingIsCrossed(store);
  });
});

describe.skipIf(!canStartRedis)("the timeout of an operation", () => {
  test("does not expire while other code blocks the event loop", async () => {
    const redis = await start();
    const store = open({ url: redis.url, timeoutMs: 200 });
    const block = () => {
      const until = performance.now() + 500;
      while (performance.now() < until);
    };
    for (const when of ["while it connects", "later"]) {
      const asked = Promise.all([store.set("k", when), store.get("k")]);
      block();
      setImmediate(block);
      expect(await asked).toEqual([undefined, when]);
    }
  });
});

interface Relay {
  readonly url: string;
  /** Routes new connections to another port. */
  leadTo(port: number): void;
  /** Stops forwarding on existing connections, which stay open. */
  strand(): void;
}

async function relay(port: number): Promise<Relay> {
  let target = port;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(target, "127.0.0.1");
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) sockets.add(end.on("error", () => {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(port) {
      target = port;
    },
    strand() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
