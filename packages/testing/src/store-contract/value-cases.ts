import assert from "node:assert/strict";
import { type CaseContext, expectSame, expectValue, ODD_TEXTS } from "./context.ts";

/** The first ones are patterns in some backend, and match the later ones. */
const KEYS = [
  ...["a*", "a?", "a[bc]", "a%", "a_", "a:*", "*", "%", "a/", "../a", "a/../b", "a "],
  ...["a", "A", " a", "a  ", "a b", "ab", "ac", "abc", "aB", "a:b", "a/b", "b", "a\\*", "__proto__"],
];

export const valueCases = {
  async "an unknown key is undefined"({ store }: CaseContext): Promise<void> {
    await expectValue(store, "unknown", undefined);
    await store.set("k", "v");
    for (const key of ["unknown", "K", "__proto__", "constructor"]) await expectValue(store, key, undefined);
  },

  async "exactly what was set comes back, even if it is empty, NUL, astral, like JSON or 1 MiB"({
    store,
  }: CaseContext): Promise<void> {
    for (const [what, value] of Object.entries(ODD_TEXTS)) await store.set(what, value);
    for (const [what, value] of Object.entries(ODD_TEXTS)) expectSame(await store.get(what), value, what);
  },

  async "set replaces an older value"({ store }: CaseContext): Promise<void> {
    for (const value of ["one", "a second, longer one", ""]) {
      await store.set("k", value);
      await expectValue(store, "k", value);
    }
  },

  async "set with ifAbsent never replaces a value"({ store }: CaseContext): Promise<void> {
    await store.set("k", "one", { ifAbsent: true });
    await expectValue(store, "k", "one");
    await store.set("k", "two", { ifAbsent: true });
    await expectValue(store, "k", "one");
    await store.set("empty", "");
    await store.set("empty", "two", { ifAbsent: true });
    await expectValue(store, "empty", "");
  },

  async "keys that differ in case, or hold * ? [ ] : % _ / or spaces, are kept apart"({
    store,
  }: CaseContext): Promise<void> {
    for (const key of KEYS) await store.set(key, `value of ${key}`);
    const left = new Set(KEYS);
    for (const key of KEYS) {
      await Promise.all(Array.from(left, (other) => expectValue(store, other, `value of ${other}`)));
      await store.delete(key);
      left.delete(key);
    }
  },

  async "delete says whether the key was there"({ store }: CaseContext): Promise<void> {
    assert.equal(await store.delete("k"), false, "delete of an unknown key did not return false.");
    await store.set("k", "");
    assert.equal(await store.delete("k"), true, "delete of an existing key did not return true.");
    await expectValue(store, "k", undefined);
    assert.equal(await store.delete("k"), false, "delete of a deleted key did not return false.");
  },

  async "clear leaves an empty, usable store"({ store }: CaseContext): Promise<void> {
    for (const key of ["a", "b"]) await store.set(key, "v");
    await store.clear();
    for (const key of ["a", "b"]) await expectValue(store, key, undefined);
    await store.clear();
    await store.set("a", "new");
    await expectValue(store, "a", "new");
  },

  async "clear leaves what belongs to others"({ store, foreign }: CaseContext): Promise<void> {
    await store.set("k", "v");
    await foreign.put();
    assert.equal(await foreign.isThere(), true, "`foreign.isThere()` is false before anything was cleared.");
    await store.clear();
    await expectValue(store, "k", undefined);
    assert.equal(await foreign.isThere(), true, "clear removed data of others.");
  },
};
