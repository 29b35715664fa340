import assert from "node:assert/strict";
import { type CaseContext, expectSame, expectValue, needs } from "./context.ts";

const VALUES = {
  "an empty value": "",
  "one NUL character": "\0",
  "a value with NUL characters": "a\0b\0",
  "a value with astral characters": "😀 𝒳 日本",
  "a value between line breaks": "\r\n a \t\n",
  "one quote": '"',
  "a JSON text": '"a\\u0000b"',
  "a value of 1 MiB": "é1".repeat(512 * 1024),
};

/** The first ones are patterns that match the later ones, for one kind of backend or another. */
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

  async "exactly what was set comes back, be it empty, NUL, astral, like JSON or 1 MiB"({
    store,
  }: CaseContext): Promise<void> {
    for (const [what, value] of Object.entries(VALUES)) await store.set(what, value);
    for (const [what, value] of Object.entries(VALUES)) expectSame(await store.get(what), value, what);
  },

  async "set replaces what was there"({ store }: CaseContext): Promise<void> {
    for (const value of ["one", "a second, longer one", ""]) {
      await store.set("k", value);
      await expectValue(store, "k", value);
    }
  },

  async "set with ifAbsent replaces nothing"({ store }: CaseContext): Promise<void> {
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

  async "getMany, if there is one, answers in order, with gaps and repeats"({ store }: CaseContext): Promise<void> {
    needs(store, "getMany");
    for (const key of ["a", "b", "c"]) await store.set(key, key.toUpperCase());
    const found = await store.getMany(["c", "unknown", "a", "c", "b", "unknown"]);
    assert.deepEqual(found, ["C", undefined, "A", "C", "B", undefined]);
  },

  async "getMany, if there is one, answers no keys with no values"({ store }: CaseContext): Promise<void> {
    needs(store, "getMany");
    await store.set("k", "v");
    assert.deepEqual(await store.getMany([]), []);
  },

  async "delete says whether the key was there"({ store }: CaseContext): Promise<void> {
    assert.equal(await store.delete("k"), false, "delete of an unknown key did not give false.");
    await store.set("k", "");
    assert.equal(await store.delete("k"), true, "delete of a key that was there did not give true.");
    await expectValue(store, "k", undefined);
    assert.equal(await store.delete("k"), false, "delete of a key that was deleted before did not give false.");
  },

  async "clear leaves nothing, and the store usable"({ store }: CaseContext): Promise<void> {
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
    assert.equal(await foreign.isThere(), true, "What `foreign` has put is not there before anything is cleared.");
    await store.clear();
    await expectValue(store, "k", undefined);
    assert.equal(await foreign.isThere(), true, "clear removed what is not the store's.");
  },
};
