import assert from "node:assert/strict";
import { type CaseContext, collect, expectSame, expectSidecar, expectValue, needs, ODD_TEXTS } from "./context.ts";
import { setToExpire, sleepPast } from "./expiry.ts";

const ROUNDS = 10;

export const sidecarCases = {
  async "a sidecar comes back exactly, even if it is empty, NUL, astral, like JSON or 1 MiB"({
    store,
  }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    for (const [what, sidecar] of Object.entries(ODD_TEXTS)) await store.set(what, "v", { sidecar });
    for (const [what, sidecar] of Object.entries(ODD_TEXTS)) expectSame(await store.getSidecar(what), sidecar, what);
    await store.set("empty", "", { sidecar: "s" });
    await expectSidecar(store, "empty", "s");
  },

  async "a key that is unknown, or was set without a sidecar, has none"({ store }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    await store.set("k", "v", { sidecar: "s" });
    await store.set("plain", "v");
    for (const key of ["plain", "unknown", "K", "__proto__", "constructor"]) await expectSidecar(store, key, undefined);
  },

  async "get and getMany never give a sidecar"({ store }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    for (const key of ["a", "b"]) await store.set(key, `value of ${key}`, { sidecar: `sidecar of ${key}` });
    for (const key of ["a", "b"]) await expectValue(store, key, `value of ${key}`);
    assert.deepEqual(await store.getMany?.(["b", "a"]), store.getMany && ["value of b", "value of a"]);
  },

  async "set with another sidecar replaces the older one"({ store }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    for (const sidecar of ["one", "a second, longer one", "3"]) {
      await store.set("k", "v", { sidecar });
      await expectSidecar(store, "k", sidecar);
    }
  },

  async "set without a sidecar removes the older one"({ store }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    await store.set("k", "one", { sidecar: "s" });
    await store.set("k", "two");
    await expectValue(store, "k", "two");
    await expectSidecar(store, "k", undefined);
  },

  async "set with ifAbsent keeps the older value and its sidecar"({ store }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    await store.set("k", "one", { ifAbsent: true, sidecar: "s" });
    for (const options of [{ ifAbsent: true, sidecar: "new" }, { ifAbsent: true }]) {
      await store.set("k", "two", options);
      await expectValue(store, "k", "one");
      await expectSidecar(store, "k", "s");
    }
    await store.set("plain", "one");
    await store.set("plain", "two", { ifAbsent: true, sidecar: "new" });
    await expectSidecar(store, "plain", undefined);
  },

  async "delete and clear take sidecars along"({ store }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    for (const key of ["a", "b"]) await store.set(key, "v", { sidecar: `sidecar of ${key}` });
    assert.equal(await store.delete("a"), true, "delete of an existing key did not return true.");
    await expectSidecar(store, "a", undefined);
    await expectSidecar(store, "b", "sidecar of b");
    await store.clear();
    await expectSidecar(store, "b", undefined);
    await store.set("b", "v", { ifAbsent: true });
    await expectSidecar(store, "b", undefined);
  },

  async "a sidecar expires with its value"(context: CaseContext): Promise<void> {
    const { store } = context;
    needs(store, "getSidecar");
    await store.set("past", "v", { sidecar: "s", expiresAt: Date.now() - 1 });
    await expectSidecar(store, "past", undefined);
    for (const key of ["read", "refilled"]) {
      // Reads nothing after the expiry, because a read may remove the old value.
      await sleepPast(await setToExpire(context, key, { sidecar: "s" }));
      if (key === "refilled") await store.set(key, "new", { ifAbsent: true });
      await expectSidecar(store, key, undefined);
    }
  },

  async "entries give a sidecar as the third member, and none where there is none"({
    store,
  }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    needs(store, "entries");
    await store.set("a", "value of a", { sidecar: "sidecar of a" });
    await store.set("b", "value of b");
    const found = await collect(store.entries());
    assert.deepEqual(
      found.toSorted(([a], [b]) => (a < b ? -1 : 1)),
      [
        ["a", "value of a", "sidecar of a"],
        ["b", "value of b"],
      ],
    );
  },

  async "a second handle sees the sidecars that the first has written"({ store, reopen }: CaseContext): Promise<void> {
    const second = await reopen();
    needs(store, "getSidecar");
    // Read before the write, so that a handle that remembers the miss fails.
    await expectSidecar(second, "k", undefined);
    for (const sidecar of ["one", "two"]) {
      await store.set("k", "v", { sidecar });
      await expectSidecar(second, "k", sidecar);
    }
    await store.set("k", "v");
    await expectSidecar(second, "k", undefined);
  },

  async "a sidecar outlasts closing and reopening"({ store, reopen }: CaseContext): Promise<void> {
    needs(store, "getSidecar");
    for (const [what, sidecar] of Object.entries(ODD_TEXTS)) await store.set(what, "v", { sidecar });
    await store.close();
    const reopened = await reopen();
    for (const [what, sidecar] of Object.entries(ODD_TEXTS)) await expectSidecar(reopened, what, sidecar);
  },

  async "two handles that write one key at once leave a value with its own sidecar"({
    store,
    reopen,
  }: CaseContext): Promise<void> {
    const second = await reopen();
    needs(store, "getSidecar");
    for (let round = 0; round < ROUNDS; round++) {
      const key = `key ${round}`;
      const writes = [store.set(key, "a", { sidecar: "a" }), second.set(key, "b", { sidecar: "b" })];
      await Promise.all(writes);
      await expectSidecar(store, key, await store.get(key));
    }
  },
};
