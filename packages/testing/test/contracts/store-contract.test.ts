import assert from "node:assert/strict";
import { type CacheStore, memoryStore } from "@remem/core";
import { describe, expect, test, vi } from "vitest";
import { chaosStore, type StoreContractCase, storeContract } from "../../src/index.ts";
import { contractOptions, createBackend, referenceStore } from "../doubles/reference-store.ts";

const REPLACES = "set replaces an older value";
const REOPENS = "what was set outlasts closing and reopening";
const LEADS = "flights have one leader at a time";

describe("a store that keeps every promise passes:", () => {
  for (const { name, run } of storeContract(contractOptions(referenceStore))) test(name, run);
});

describe("the memory store passes:", () => {
  for (const { name, run } of storeContract({ create: () => memoryStore() })) test(name, run);
});

describe("a chaos store without failures passes:", () => {
  for (const { name, run } of storeContract(contractOptions((backend) => chaosStore(referenceStore(backend))))) {
    test(name, run);
  }
});

test("a store that is created asynchronously is awaited", async () => {
  const { create, reopen, ...options } = contractOptions(referenceStore);
  const late = { create: async () => create(), reopen: async () => reopen!() };
  await caseOf(REOPENS, { ...options, ...late }).run();
});

test("a store of a class with private members passes", async () => {
  class Store implements CacheStore {
    readonly specVersion = 1;
    readonly name = "class";
    readonly #store = referenceStore(createBackend());
    get = (key: string) => this.#store.get(key);
    getMany(keys: readonly string[]) {
      return this.#store.getMany!(keys);
    }
    set(...entry: Parameters<CacheStore["set"]>) {
      return this.#store.set(...entry);
    }
    delete(key: string) {
      return this.#store.delete(key);
    }
    clear() {
      return this.#store.clear();
    }
    entries() {
      return this.#store.entries!();
    }
    close() {
      return this.#store.close();
    }
  }
  for (const { run } of storeContract({ create: () => chaosStore(new Store()) })) await run();
});

test("every case has a name of its own, and a group", () => {
  const cases = storeContract(contractOptions(referenceStore));
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  const groups = ["values", "getMany", "expiry", "entries", "heads", "sidecars", "handles", "failures", "flights"];
  expect([...new Set(cases.map(({ group }) => group))]).toEqual(groups);
  expect(caseOf(LEADS, contractOptions(referenceStore)).group).toBe("flights");
});

describe("a case that is skipped", () => {
  const reason = "the server has one slot";

  test("keeps its position, gives the reason, and does nothing", async () => {
    const create = vi.fn<() => CacheStore>();
    const all = storeContract({ create });
    const some = storeContract({ create, skip: [{ case: REPLACES, reason }] });
    const position = all.findIndex(({ name }) => name === REPLACES);
    expect(some.map(({ name }) => name)).toEqual(
      all.map(({ name }) => name).with(position, `${REPLACES} (skipped: ${reason})`),
    );
    expect(some[position]?.skipped).toBe(reason);
    await some[position]?.run();
    expect(create).not.toHaveBeenCalled();
  });

  test("is one whose option is omitted, unless `skip` gives another reason", () => {
    const { create } = contractOptions(referenceStore);
    const skippedOf = (cases: ReturnType<typeof storeContract>) => cases.flatMap(({ skipped }) => skipped ?? []);
    expect(skippedOf(storeContract(contractOptions(referenceStore)))).toEqual([]);
    const skipped = skippedOf(storeContract({ create }));
    expect(new Set(skipped)).toEqual(
      new Set([
        "`foreign` is not given",
        "`reopen` is not given",
        "`breakBackend` is not given",
        "`orphan` is not given",
        "`leadElsewhere` is not given",
      ]),
    );
    const replaced = skippedOf(storeContract({ create, skip: [{ case: REOPENS, reason }] }));
    expect(replaced.filter((one) => one === reason)).toHaveLength(1);
    expect(replaced).toHaveLength(skipped.length);
  });

  test("is also skipped by its runner where the store lacks a member", async () => {
    const skip = vi.fn();
    const { run } = caseOf(LEADS, { create: () => memoryStore() });
    await run();
    await (run as (context: object) => Promise<void>)({ skip });
    expect(skip.mock.calls).toEqual([["this store has no `flights`"]]);
  });

  test.each([
    [{ case: "set replaces", reason }, /there is no case "set replaces"/],
    [{ case: REPLACES, reason: " " }, /has no reason/],
  ])("is refused when it is unknown, or has no reason: %#", (skipped, message) => {
    const skip = [skipped as { case: StoreContractCase; reason: string }];
    expect(() => storeContract({ create: () => memoryStore(), skip })).toThrow(message);
  });
});

test("no case declares a parameter, which runners would take for a callback or for fixtures", () => {
  const runs = storeContract(contractOptions(referenceStore)).map(({ run }) => run);
  expect(new Set(runs.map(({ length }) => length))).toEqual(new Set([0]));
  expect(runs.every((run) => /\(\)/.test(run.toString()))).toBe(true);
});

describe("however a case ends,", () => {
  function watched(change: (store: CacheStore) => Partial<CacheStore>) {
    const opened: CacheStore[] = [];
    const options = contractOptions((backend) => {
      const store = { ...referenceStore(backend) };
      Object.assign(store, change(store));
      opened.push(store);
      return store;
    });
    return { opened, options };
  }

  test.each([true, false])("the stores it opened are closed (it passes: %s)", async (passes) => {
    const close = vi.fn(async () => {});
    const { opened, options } = watched(() => ({ close, ...(!passes && { get: async () => "wrong" }) }));
    const { run } = caseOf("a second handle sees what the first has written", options);
    if (passes) await run();
    else await expect(run()).rejects.toThrow('get("k") gave "wrong" instead of undefined');
    expect(opened).toHaveLength(2);
    expect(close).toHaveBeenCalledTimes(2);
  });

  test.each<[string, CacheStore["close"]]>([
    ["rejects", () => Promise.reject(new Error("It is stuck."))],
    ["never ends", () => new Promise(() => {})],
    [
      "throws",
      () => {
        throw new Error("It is stuck.");
      },
    ],
  ])("a close that %s fails only the case about it", async (_, close) => {
    const options = { ...watched(() => ({ close })).options, timeoutMs: 50 };
    await caseOf(REPLACES, options).run();
    const closes = caseOf("close can be called twice, even on an unused store", options);
    await expect(closes.run()).rejects.toThrow(/It is stuck|The first close took longer than 50 ms/);
  });

  test("`slowness` multiplies its time limits", async () => {
    const { options } = watched(() => ({ close: () => new Promise(() => {}) }));
    const closes = caseOf("close can be called twice, even on an unused store", {
      ...options,
      timeoutMs: 50,
      slowness: 3,
    });
    await expect(closes.run()).rejects.toThrow("The first close took longer than 150 ms");
  });

  test("a store that cannot be created fails it", async () => {
    const create = () => Promise.reject(new Error("There is no server."));
    await expect(caseOf(REPLACES, { create }).run()).rejects.toThrow("There is no server.");
  });
});

test("unknown and invalid options are refused by name", () => {
  const create = () => memoryStore();
  expect(() => storeContract({ create, reOpen: create } as never)).toThrow(/no option `reOpen`/);
  expect(() => storeContract({} as never)).toThrow(/`create` must be a function/);
  expect(() => storeContract({ create, timeoutMs: 0 })).toThrow(/`timeoutMs` must be a whole number/);
  for (const slowness of [0.5, 101, Number.NaN, "2" as never])
    expect(() => storeContract({ create, slowness })).toThrow(/`slowness` must be a number from 1 to 100/);
});

function caseOf(name: StoreContractCase, options: Parameters<typeof storeContract>[0]) {
  const found = storeContract(options).find((one) => one.name === name);
  assert.ok(found);
  return found;
}

test.each<keyof CacheStore>(["get", "set", "close"])(
  "a case that hangs in %s is named in its error, before a runner would end it after 5 s",
  async (operation) => {
    const create = () => ({ ...memoryStore(), [operation]: () => new Promise(() => {}) });
    const name = operation === "close" ? "close can be called twice, even on an unused store" : REPLACES;
    const start = performance.now();
    const error: Error = await caseOf(name, { create })
      .run()
      .then(
        () => expect.unreachable(),
        (error) => error,
      );
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(error.message).toBe(
      operation === "close" ? "The first close took longer than 2000 ms." : `"${REPLACES}" took longer than 4500 ms.`,
    );
  },
);
