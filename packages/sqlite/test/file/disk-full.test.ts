import { appendFileSync, copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { canMount, smallDisk } from "@remem/test-support/mounts";
import { fakeProvider } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { sqliteStore } from "../../src/index.ts";
import { movedAside, watchWarnings } from "../damage.ts";

/** Uses all free space. Returns a function that frees it. */
function fillUp(disk: string): () => void {
  const filler = fillerOn(disk);
  for (const bytes of [4096, 1]) {
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  return () => rmSync(filler);
}

const fillerOn = (disk: string): string => join(disk, "filler");

function open(path: string) {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}

const FULL = { code: "STORE_ERROR", message: expect.stringMatching(/full|no space/i) };
const value = "x".repeat(20_000);

describe.skipIf(!canMount)("on a full disk (skipped if none can be mounted)", () => {
  test("sets fail and hits are served, and sets work once there is space", async () => {
    const { directory: disk } = smallDisk(1_000_000);
    const path = join(disk, "cache.sqlite");
    appendFileSync(fillerOn(disk), Buffer.alloc(300_000));
    const store = open(path);
    const kept: string[] = [];
    let failure: unknown;
    for (let index = 0; failure === undefined; index++) {
      failure = await store.set(`key ${index}`, value).then(
        () => void kept.push(`key ${index}`),
        (error: unknown) => error,
      );
    }
    expect(failure).toMatchObject(FULL);
    const free = fillUp(disk);
    expect(kept.length).toBeGreaterThan(5);
    for (let round = 0; round < 3; round++) {
      await expect(store.set("more", value)).rejects.toMatchObject(FULL);
      expect(await store.getMany!(kept)).toEqual(kept.map(() => value));
    }
    free();
    await store.set("more", value);
    expect(await store.getMany!(["more", "key 0"])).toEqual([value, value]);
    expect(movedAside(path)).toEqual([]);
  });

  test("a store that opens on the full disk serves hits, and writes once there is space", async () => {
    const { directory: disk } = smallDisk(1_000_000);
    const path = join(disk, "cache.sqlite");
    const first = open(path);
    await first.set("k", "v");
    await first.close();
    const free = fillUp(disk);
    const store = open(path);
    expect(await store.get("k")).toBe("v");
    await expect(store.set("more", value)).rejects.toMatchObject({ message: expect.stringMatching(/read-only/) });
    expect(await collect(store.entries!())).toEqual([["k", "v"]]);
    free();
    await expect.poll(() => store.set("more", value).then(() => "set", String), { timeout: 5_000 }).toBe("set");
    expect(await store.get("k")).toBe("v");
  });

  test("the rows of the Python class are served although there is no space for our tables", async () => {
    const { directory: disk } = smallDisk(400_000);
    const path = join(disk, "cache.sqlite");
    copyFileSync(new URL("../golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname, path);
    const free = fillUp(disk);
    const store = open(path);
    expect((await collect(store.entries!())).length).toBeGreaterThan(10);
    await expect(store.set("k", "v")).rejects.toMatchObject(FULL);
    free();
    await expect.poll(() => store.set("k", "v").then(() => "set", String), { timeout: 5_000 }).toBe("set");
  });

  test("creating a cache fails until there is space", async () => {
    const { directory: disk } = smallDisk(400_000);
    const free = fillUp(disk);
    const store = open(join(disk, "cache.sqlite"));
    await expect(store.set("k", "v")).rejects.toMatchObject({ code: "STORE_ERROR" });
    free();
    await expect.poll(() => store.set("k", "v").then(() => "set", String), { timeout: 5_000 }).toBe("set");
  });

  test("a client answers every call", async () => {
    const { directory: disk } = smallDisk(300_000);
    fillUp(disk);
    watchWarnings();
    const provider = fakeProvider("answer");
    const store = open(join(disk, "new", "cache.sqlite"));
    const client = createClient({ provider, store, params: { model: "m" } });
    for (let index = 0; index < 5; index++) {
      const { response, source } = await client.infer([{ role: "user", content: `${index}` }]);
      expect([response, source]).toEqual(["answer", "provider"]);
    }
    expect(client.stats().storeErrors).toBeGreaterThan(0);
    await client.close();
  });
});
