import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { headOf } from "@remem/core/plugin";
import { withTimeout } from "../contract.ts";
import { type CaseContext, collect, expectSame, expectValue, needs, ODD_TEXTS } from "./context.ts";
import { setToExpire, sleepPast } from "./expiry.ts";

/** More than one page of most backends' scans. */
const COUNT = 150;
const LONG_MS = 60_000;
/** Random, so that no store makes it smaller. */
const LARGE_BYTES = 64 * 1024;

export const headsCases = {
  async "heads give the beginning of everything that entries give, once each"({ store }: CaseContext): Promise<void> {
    needs(store, "heads");
    assert.deepEqual(await collect(store.heads()), []);
    const values = new Map(Array.from({ length: COUNT }, (_, index) => [`key ${index}`, `first ${index}\nsecond\n`]));
    for (const [what, text] of Object.entries(ODD_TEXTS)) values.set(`odd \0 * ${what}`, text);
    values.set("long", "l".repeat(LARGE_BYTES));
    await Promise.all(Array.from(values, ([key, value]) => store.set(key, value)));
    const found = await collect(store.heads());
    assert.equal(found.length, values.size, `heads gave ${found.length} of ${values.size}.`);
    const heads = new Map(found.map(({ key, head }) => [key, head]));
    for (const [key, value] of values) expectSame(heads.get(key), headOf(value), `The head of ${JSON.stringify(key)}`);
  },

  async "heads give the sidecar, and none where there is none"({ store }: CaseContext): Promise<void> {
    needs(store, "heads");
    needs(store, "getSidecar");
    await store.set("a", "value of a", { sidecar: "sidecar of a" });
    await store.set("b", "value of b");
    const sidecars = new Map((await collect(store.heads())).map(({ key, sidecar }) => [key, sidecar]));
    expectSame(sidecars.get("a"), "sidecar of a", "The sidecar of a");
    expectSame(sidecars.get("b"), undefined, "The sidecar of b");
  },

  async "heads give samples only of long sidecars, and only where that is asked for"({
    store,
  }: CaseContext): Promise<void> {
    needs(store, "heads");
    needs(store, "getSidecar");
    const long = Array.from({ length: LARGE_BYTES / 8 }, (_, index) => `${1_000_000 + index}`).join(" ");
    const sidecars = new Map([
      ["short", "a short sidecar"],
      ["long", long],
    ]);
    for (const [key, sidecar] of sidecars) await store.set(key, "v", { sidecar });
    const sampleAbove = LARGE_BYTES / 8;
    const all = [...(await collect(store.heads({ sampleAbove }))), ...(await collect(store.heads()))];
    for (const [index, { key, sidecar = "", isSample }] of all.entries()) {
      const whole = sidecars.get(key)!;
      if (isSample !== true) expectSame(sidecar, whole, `The sidecar of ${key}`);
      else {
        assert.ok(index < 2 && key === "long", `heads gave a sample of the ${key} sidecar that was not asked for.`);
        assert.ok(sidecar.length <= 2 * sampleAbove, `A sample has ${sidecar.length} characters.`);
        const pieces = sidecar.split("\n");
        const areOfIt = whole.startsWith(pieces[0]!) && pieces.every((piece) => whole.includes(piece));
        assert.ok(areOfIt, "A sample has something else than pieces of the sidecar.");
      }
    }
  },

  async "heads begin with the newest where that is asked for"({ store }: CaseContext): Promise<void> {
    needs(store, "heads");
    const keys = ["b", "d", "a", "c", "e"];
    for (const key of keys) await store.set(key, "v");
    const found = await collect(store.heads({ newestFirst: true }));
    assert.deepEqual(
      found.map(({ key }) => key),
      keys.toReversed(),
    );
  },

  async "heads give only the keys with a prefix, whatever characters it has"({ store }: CaseContext): Promise<void> {
    needs(store, "heads");
    const keys = [
      "abc",
      "Abc",
      "ab",
      "a%c",
      "a_c",
      "a*c",
      "a[b]",
      "xabc",
      '"a',
      "a\0b",
      "😀 key",
      "\ud7ff",
      "\ud7ffz",
      "\ue000",
      "\u{10ffff}",
      "\u{10ffff}z",
    ];
    for (const key of keys) await store.set(key, "v");
    for (const prefix of [
      "",
      "a",
      "ab",
      "abc",
      "abcd",
      "a%",
      "a_",
      "a*",
      "a[",
      '"',
      "a\0",
      "😀",
      "A",
      "\ud7ff",
      "\u{10ffff}",
    ]) {
      const found: string[] = [];
      for await (const { key } of store.heads({ prefix })) found.push(key);
      const expected = keys.filter((key) => key.startsWith(prefix));
      assert.deepEqual(
        found.toSorted(),
        expected.toSorted(),
        `heads gave others for the prefix ${JSON.stringify(prefix)}.`,
      );
    }
  },

  async "heads count the bytes of values and sidecars"({ store }: CaseContext): Promise<void> {
    needs(store, "heads");
    const large = randomBytes(LARGE_BYTES).toString("hex");
    await store.set("small", "v");
    await store.set("value", large);
    if (store.getSidecar) await store.set("sidecar", "v", { sidecar: large });
    for (const { key, bytes } of await collect(store.heads())) {
      const isRight = Number.isInteger(bytes) && bytes > 0 && (key === "small" ? bytes < 1_024 : bytes >= LARGE_BYTES);
      assert.ok(isRight, `heads counted ${bytes} bytes for the key "${key}".`);
    }
  },

  async "heads leave out expired values"(context: CaseContext): Promise<void> {
    const { store, slowness } = context;
    needs(store, "heads");
    await sleepPast(await setToExpire(context, "expired"));
    await store.set("kept", "v", { expiresAt: Date.now() + LONG_MS * slowness });
    const found = await collect(store.heads());
    assert.deepEqual(
      found.map(({ key }) => key),
      ["kept"],
    );
  },

  async "heads can be left early, and their entries deleted meanwhile"({ store, limitMs }: CaseContext): Promise<void> {
    needs(store, "heads");
    await Promise.all(Array.from({ length: COUNT }, (_, index) => store.set(`key ${index}`, "v")));
    async function leave(): Promise<void> {
      let deleted = 0;
      for await (const { key } of store.heads!()) {
        await store.delete(key);
        deleted += 1;
      }
      assert.equal(deleted, COUNT, `heads gave ${deleted} of ${COUNT} entries that were deleted meanwhile.`);
      await store.set("k", "v");
      for await (const _ of store.heads!()) break;
      await store.set("k", "new");
      await expectValue(store, "k", "new");
    }
    await withTimeout(limitMs, leave(), "Deleting and writing beside `heads`");
  },
};
