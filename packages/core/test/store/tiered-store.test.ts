import { collect } from "@remem/test-support/collect";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type CacheStore, createClient, encodeEntry, memoryStore, StoreError, tieredStore } from "../../src/index.ts";
import { scriptedProvider } from "../doubles.ts";

afterEach(() => void vi.useRealTimers());

/** A store that says what it was asked. */
function watched(store: CacheStore): CacheStore & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    ...store,
    asked,
    get(key) {
      asked.push(`get ${key}`);
      return store.get(key);
    },
    getMany(keys) {
      asked.push(`getMany ${keys.join(" ")}`);
      return store.getMany!(keys);
    },
  };
}

test("a value read from the far store is then served from the near one", async () => {
  const far = watched(memoryStore());
  await far.set("k", "v");
  const store = tieredStore(memoryStore(), far);
  expect([await store.get("k"), await store.get("k")]).toEqual(["v", "v"]);
  expect(far.asked).toEqual(["get k"]);
});

test("getMany asks the far store only for keys that the near one lacks", async () => {
  const far = watched(memoryStore());
  for (const key of ["a", "b", "c"]) await far.set(key, key.toUpperCase());
  const store = tieredStore(memoryStore(), far);
  await store.get("b");
  expect(await store.getMany!(["a", "b", "x", "c", "a"])).toEqual(["A", "B", undefined, "C", "A"]);
  expect(await store.getMany!(["a", "b", "c"])).toEqual(["A", "B", "C"]);
  expect(far.asked).toEqual(["get b", "getMany a x c a"]);
});

test("a far store without getMany is asked key by key", async () => {
  const { getMany: _, ...far } = memoryStore();
  await far.set("k", "v");
  expect(await tieredStore(memoryStore(), far).getMany!(["k", "x"])).toEqual(["v", undefined]);
});

test("a write goes to both stores, and so do delete and clear", async () => {
  const [near, far] = [memoryStore(), memoryStore()];
  const store = tieredStore(near, far);
  for (const key of ["a", "b"]) await store.set(key, "v");
  expect([await near.get("a"), await far.get("a")]).toEqual(["v", "v"]);
  expect(await collect(store.entries!())).toHaveLength(2);
  expect(await store.delete("a")).toBe(true);
  expect([await near.get("a"), await far.get("a")]).toEqual([undefined, undefined]);
  await store.clear();
  expect([await near.get("b"), await far.get("b")]).toEqual([undefined, undefined]);
});

test("after ifAbsent the near store serves the stored value, be it the older or the new one", async () => {
  const far = watched(memoryStore());
  await far.set("k", "theirs");
  const store = tieredStore(memoryStore(), far);
  for (const key of ["k", "new"]) await store.set(key, "ours", { ifAbsent: true });
  far.asked.length = 0;
  expect(await store.getMany!(["k", "new"])).toEqual(["theirs", "ours"]);
  expect(far.asked).toEqual([]);
});

test("a value that the far store refused is not served from the near one", async () => {
  const far: CacheStore = { ...memoryStore(), set: () => Promise.reject(new Error("disk full")) };
  const store = tieredStore(memoryStore(), far);
  await expect(store.set("k", "v")).rejects.toThrow("disk full");
  expect(await store.get("k")).toBeUndefined();
});

test("a bounded near store drops entries, and the far store still serves them", async () => {
  const store = tieredStore(memoryStore({ maxBytes: 10 }), memoryStore());
  for (const key of ["a", "b", "c"]) await store.set(key, "12345");
  expect(await store.getMany!(["a", "b", "c"])).toEqual(["12345", "12345", "12345"]);
});

test("an entry that was read keeps its expiry in the near store", async () => {
  vi.useFakeTimers({ now: 1_000 });
  const key = "k";
  const completion = { id: "1", model: "m", created: 0, choices: [] };
  const far = memoryStore();
  await far.set(key, encodeEntry({ key, createdAt: 1_000, expiresAt: 2_000, answer: completion }));
  const near = memoryStore();
  await tieredStore(near, far).get(key);
  vi.setSystemTime(1_999);
  expect(await near.get(key)).toBeDefined();
  vi.setSystemTime(2_000);
  expect(await near.get(key)).toBeUndefined();
});

test.each([
  ["get", (store: CacheStore) => store.get("k")],
  ["getMany", (store: CacheStore) => store.getMany!(["k"])],
] as const)("what %s read before a delete is not served after it", async (_, read) => {
  const far = memoryStore();
  await far.set("k", "v");
  const gate = Promise.withResolvers<void>();
  async function late<T>(value: Promise<T>): Promise<T> {
    const read = await value;
    await gate.promise;
    return read;
  }
  const slow: CacheStore = {
    ...far,
    get: (key) => late(far.get(key)),
    getMany: (keys) => late(far.getMany!(keys)),
  };
  const store = tieredStore(memoryStore(), slow);
  const reading = read(store);
  await store.delete("k");
  gate.resolve();
  await reading;
  expect(await store.get("k")).toBeUndefined();
});

test("a tier has the flights of the far store, and only the capabilities that it has", () => {
  const flights = { enter: async () => undefined, changed: async () => "unknown" as const };
  expect(tieredStore(memoryStore(), { ...memoryStore(), flights }).flights).toBe(flights);
  expect(tieredStore({ ...memoryStore(), flights }, memoryStore()).flights).toBeUndefined();
  const { entries: _, ...far } = memoryStore();
  expect(tieredStore(memoryStore(), far).entries).toBeUndefined();
});

test("closing closes both, also where one fails", async () => {
  const far = memoryStore();
  const near: CacheStore = { ...memoryStore(), close: () => Promise.reject(new Error("stuck")) };
  await expect(tieredStore(near, far).close()).rejects.toThrow("stuck");
  await expect(far.get("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
});

test("a read fills the near store beside writers of other keys", async () => {
  const far = watched(memoryStore());
  const keys = Array.from({ length: 20 }, (_, index) => `read ${index}`);
  for (const key of keys) await far.set(key, "v");
  const store = tieredStore(memoryStore(), far);
  let isDone = false;
  async function write(): Promise<void> {
    for (let index = 0; !isDone; index++) await store.set(`written ${index % 10}`, "v");
  }
  const writing = write();
  for (let round = 0; round < 3; round++) for (const key of keys) expect(await store.get(key)).toBe("v");
  isDone = true;
  await writing;
  expect(far.asked).toHaveLength(keys.length);
});

test("a value read during a write of its key does not fill the near store", async () => {
  const near = memoryStore();
  const far = memoryStore();
  await far.set("k", "old");
  const [reading, writing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow: CacheStore = {
    ...far,
    async get() {
      await reading.promise;
      return "old";
    },
    async set(key, value) {
      await writing.promise;
      await far.set(key, value);
    },
  };
  const store = tieredStore(near, slow);
  const write = store.set("k", "new"); // Begins before the read, and ends within it.
  const read = store.get("k");
  await near.get("k"); // A turn, for the read to reach the far store.
  writing.resolve();
  await write;
  reading.resolve();
  expect(await read).toBe("old");
  expect(await near.get("k")).toBe("new");
});

describe("a near store that fails or times out", () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  afterEach(() => void warnings.mockClear());
  const fails = () => Promise.reject(new Error("near is down"));
  const hangs = () => new Promise<never>(() => {});
  async function farWith(value: string): Promise<CacheStore> {
    const far = memoryStore();
    await far.set("k", value);
    return far;
  }

  test.each([
    ["cannot be read", { get: fails, getMany: fails }],
    ["cannot be filled", { set: fails }],
    ["neither", { get: fails, getMany: fails, set: fails }],
  ])("costs no answer of the far store: it %s", async (_, members) => {
    const store = tieredStore({ ...memoryStore(), ...members }, await farWith("v"));
    for (let time = 0; time < 5; time++) {
      expect(await store.get("k")).toBe("v");
      expect(await store.getMany!(["x", "k"])).toEqual([undefined, "v"]);
    }
    expect(warnings).toHaveBeenCalledTimes(1);
    expect(warnings.mock.calls[0]?.[0]).toMatch(/near store .* failed .*near is down/);
  });

  test("delays a read by a second, and after three times not at all for a while", async () => {
    vi.useFakeTimers();
    const get = vi.fn(hangs);
    const store = tieredStore({ ...memoryStore(), get }, await farWith("v"));
    for (let time = 0; time < 3; time++) {
      const read = store.get("k");
      await vi.advanceTimersByTimeAsync(1_250);
      expect(await read).toBe("v");
    }
    expect(await store.get("k")).toBe("v");
    expect(get).toHaveBeenCalledTimes(3);
  });

  test("does not serve a value that it could not replace", async () => {
    const near = memoryStore();
    const store = tieredStore(near, await farWith("old"));
    await store.get("k");
    const set = vi.spyOn(near, "set").mockImplementation(fails);
    await store.set("k", "new");
    expect(await store.get("k")).toBe("new");
    expect(await store.getMany!(["k"])).toEqual(["new"]);
    set.mockRestore();
    await store.set("k", "newest");
    expect(await store.get("k")).toBe("newest");
  });

  test("rejects when it cannot delete, since the value would stay", async () => {
    const near = memoryStore();
    const far = await farWith("v");
    const store = tieredStore(near, far);
    await store.get("k");
    near.delete = fails;
    near.clear = fails;
    await expect(store.delete("k")).rejects.toThrow("near is down");
    await expect(store.clear()).rejects.toThrow("near is down");
    expect([await store.get("k"), await far.get("k")]).toEqual([undefined, undefined]);
  });

  test("costs no call of the provider", async () => {
    const far = memoryStore();
    const provider = scriptedProvider();
    const first = createClient({ provider, store: { ...far, close: async () => {} }, params: { model: "m" } });
    await first.infer("Hi");
    const store = tieredStore({ ...memoryStore(), get: fails, set: fails }, far);
    const client = createClient({ provider, store, params: { model: "m" } });
    expect((await client.infer("Hi")).source).toBe("store");
    expect(client.stats().storeErrors).toBe(0);
  });
});

test("sidecars are the far store's, and the near one is not given them", async () => {
  const [near, far] = [memoryStore(), memoryStore()];
  const store = tieredStore(near, far);
  await store.set("k", "v", { sidecar: "beside it" });
  expect([await store.getSidecar!("k"), await near.getSidecar!("k")]).toEqual(["beside it", undefined]);
  const { getSidecar: _, ...without } = memoryStore();
  expect(tieredStore(memoryStore(), without).getSidecar).toBeUndefined();
});

test("a closed tier rejects every operation, also over a far store that another client still uses", async () => {
  const far = memoryStore();
  const client = createClient({ provider: scriptedProvider(), store: far, params: { model: "m" } });
  const store = tieredStore(memoryStore(), far);
  await store.close();
  for (const operation of [
    () => store.get("k"),
    () => store.getMany!(["k"]),
    () => store.set("k", "v"),
    () => store.getSidecar!("k"),
    () => store.delete("k"),
    () => store.clear(),
    () => collect(store.entries!()),
  ]) {
    await expect(operation()).rejects.toMatchObject({ code: "STORE_CLOSED" });
  }
  expect(await far.get("k")).toBeUndefined();
  await client.close();
});

describe("a far store that can only be read", () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  afterEach(() => void warnings.mockClear());
  const refuse = () => Promise.reject(new StoreError("it is read-only", { store: "far", code: "STORE_READ_ONLY" }));

  async function setUp(declared: boolean) {
    const contents = memoryStore();
    await contents.set("theirs", "v", { sidecar: "their sidecar" });
    const far: CacheStore = {
      ...contents,
      set: refuse,
      delete: refuse,
      clear: refuse,
      ...(declared && { readOnly: true as const }),
    };
    const near = memoryStore();
    return { near, far, store: tieredStore(near, far) };
  }

  describe.each([true, false])("(declared: %s)", (declared) => {
    test("serves its values, and leaves new ones to the near store, with one warning at most", async () => {
      const { store, near } = await setUp(declared);
      for (const key of ["a", "b", "c", "d"]) await store.set(key, `new ${key}`, { sidecar: `sidecar of ${key}` });
      expect(await store.getMany!(["theirs", "a", "d"])).toEqual(["v", "new a", "new d"]);
      expect(await near.get("theirs")).toBe("v");
      expect(await store.getSidecar!("a")).toBe("sidecar of a");
      expect(await store.getSidecar!("theirs")).toBe("their sidecar");
      const listed = (await collect(store.entries!())).map(([key]) => key);
      expect(listed.sort()).toEqual(["a", "b", "c", "d", "theirs"]);
      expect(warnings).toHaveBeenCalledTimes(declared ? 0 : 1);
      if (!declared) expect(warnings.mock.calls[0]?.[0]).toMatch(/far store .* only be read.*it is read-only/);
    });

    test("keeps its value on `ifAbsent`", async () => {
      const { store } = await setUp(declared);
      await store.set("theirs", "ours", { ifAbsent: true });
      expect(await store.get("theirs")).toBe("v");
      await store.set("theirs", "ours");
      expect(await store.get("theirs")).toBe("ours");
    });

    test("cannot lose a value by `delete`, which rejects, and `clear` empties the near store", async () => {
      const { store } = await setUp(declared);
      await store.set("a", "new");
      expect(await store.delete("a")).toBe(true);
      expect(await store.delete("a")).toBe(false);
      await expect(store.delete("theirs")).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
      await store.set("a", "new");
      await store.clear();
      expect([await store.get("a"), await store.get("theirs")]).toEqual([undefined, "v"]);
    });

    test("causes no error of a client", async () => {
      const { store } = await setUp(declared);
      const provider = scriptedProvider();
      const client = createClient({ provider, store, params: { model: "m" } });
      for (let question = 0; question < 5; question++) await client.infer(`question ${question}`);
      for (let question = 0; question < 5; question++) {
        expect((await client.infer(`question ${question}`)).source).toBe("store");
      }
      expect(client.stats()).toMatchObject({ stored: 5, storeErrors: 0, notStored: {} });
      expect(warnings).toHaveBeenCalledTimes(declared ? 0 : 1);
    });
  });

  test("is written again once it can be", async () => {
    const { far, store } = await setUp(false);
    await store.set("a", "v");
    const contents = memoryStore();
    far.set = contents.set;
    await store.set("b", "v");
    expect([await contents.get("a"), await contents.get("b")]).toEqual([undefined, "v"]);
  });

  test("leaves the flights to the near store if its own fail, and tries its own again after a while", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const lease = { lost: new AbortController().signal, [Symbol.asyncDispose]: async () => {} };
    const { signal } = new AbortController();
    const flights = (name: string) => {
      const state = { fails: false };
      return {
        state,
        async enter() {
          if (state.fails) throw new Error(`${name} fails`);
          return { ...lease, name };
        },
        changed: async () => name as "released",
      };
    };
    const [one, two] = [flights("near"), flights("far")];
    const store = tieredStore({ ...memoryStore(), flights: one }, { ...memoryStore(), flights: two });
    expect([await store.flights!.enter("k"), await store.flights!.changed("k", { signal })]).toMatchObject([
      { name: "far" },
      "far",
    ]);
    two.state.fails = true;
    expect([await store.flights!.enter("k"), await store.flights!.changed("k", { signal })]).toMatchObject([
      { name: "near" },
      "near",
    ]);
    two.state.fails = false;
    expect(await store.flights!.enter("k")).toMatchObject({ name: "near" });
    vi.advanceTimersByTime(5_000);
    expect(await store.flights!.enter("k")).toMatchObject({ name: "far" });
    const declared = tieredStore({ ...memoryStore(), flights: one }, { ...memoryStore(), readOnly: true });
    expect(declared.flights).toBe(one);
  });
});
