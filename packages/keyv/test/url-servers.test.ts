import { inspect } from "node:util";
import { createClient } from "@remem/core";
import { startChild } from "@remem/test-support/child";
import { fakeProvider } from "@remem/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { storeOver } from "../src/url/keyv-store-from-url.ts";
import { loaded } from "./loaded.ts";
import { type Server, TESTED } from "./servers.ts";

const worker = new URL("processes/worker.mjs", import.meta.url);
const ODD = "\0 \ud83d %0000 \udc00 é😀'\"\\";

describe.each(TESTED.filter(({ canStart }) => canStart))("over $module", ({ backend, module, launch }) => {
  let server: Server;
  beforeAll(async () => {
    server = await launch();
  });
  afterAll(() => server.remove());

  function open(url = server.url) {
    const store = storeOver(backend, loaded(module), url);
    onTestFinished(() => store.close());
    return store;
  }

  test("keys and values of any characters come back exactly, and keys that differ in case are two", async () => {
    const store = open();
    await store.set(ODD, ODD);
    await store.set("a", "lower");
    await store.set("A", "upper");
    expect(await Promise.all([ODD, "a", "A"].map((key) => store.get(key)))).toEqual([ODD, "lower", "upper"]);
  });

  test("a value of 7 MB comes back, or is refused with the reason", async () => {
    const store = open();
    const value = "é1😀".repeat(1_000_000);
    if (!backend.lists) {
      await expect(store.set("large", value)).rejects.toMatchObject({ code: "STORE_ERROR", message: /too large/ });
      return;
    }
    await store.set("large", value);
    expect((await store.get("large")) === value).toBe(true);
    expect((await store.getMany!(["unknown", "large"]))[1] === value).toBe(true);
  });

  test.runIf(module === "@keyv/mysql")(
    "a value that the server's longest statement cannot hold is refused",
    async () => {
      const store = open();
      await expect(store.set("larger", '"'.repeat(5_000_000))).rejects.toThrow(
        /of 200\d+ bytes, and the server's max_allowed_packet/,
      );
      await store.set("k", '"'.repeat(4_000_000));
      expect((await store.get("k"))?.length).toBe(4_000_000);
      expect(await store.get("larger")).toBeUndefined();
    },
  );

  test("closing a store leaves the others in this process alone, also those of another server", async () => {
    const other = await launch();
    onTestFinished(() => other.remove());
    const stores = [open(), open(), open(other.url)] as const;
    await Promise.all(stores.map((store) => store.set("k", "v")));
    await stores[2].set("k", "other");
    await stores[0].close();
    expect([await stores[1].get("k"), await stores[2].get("k")]).toEqual(["v", "other"]);
    await stores[2].close();
    expect(await stores[1].get("k")).toBe("v");
  });

  test("a server that is down makes calls reject, and the same store works once the server is up", async () => {
    await server.stop();
    const store = open();
    const failure = await store.get("k").catch((error) => error);
    expect(failure).toMatchObject({ code: "STORE_ERROR", store: module.startsWith("@") ? module : expect.any(String) });
    expect(failure.message).toMatch(/failed in open: .*ECONNREFUSED/);
    await server.start();
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
  });

  test("a server that dies between two calls makes calls reject, and the same store works once the server is up", async () => {
    const store = open();
    await store.set("k", "before");
    await server.stop();
    await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_ERROR" });
    await expect(store.set("k", "lost")).rejects.toMatchObject({ code: "STORE_ERROR" });
    await server.start();
    await expect.poll(() => store.set("k", "after").then(() => store.get("k")), { timeout: 20_000 }).toBe("after");
  });

  test("a client answers while its server is down, and stores again once it is up", async () => {
    const store = open();
    const provider = fakeProvider("42");
    const client = createClient({ provider, store, params: { model: crypto.randomUUID() } });
    expect(await client.infer("6 times 7?")).toMatchObject({ source: "provider" });
    await server.stop();
    expect(await client.infer("7 times 6?")).toMatchObject({ response: "42", source: "provider" });
    await server.start();
    await client.close();
  });

  test("processes share entries, and end by themselves once they have closed their store", async () => {
    const args = [server.url, crypto.randomUUID()];
    if (!module.startsWith("@")) return; // They load the package by its name.
    const env = { NODE_NO_WARNINGS: "1" }; // The one of the store is expected.
    const first = startChild(worker, [...args, "set"], { env });
    expect(await first.end).toEqual({ code: 0, output: "" });
    const second = startChild(worker, [...args, "get"], { env });
    expect(await second.end).toEqual({ code: 0, output: "" });
    expect([first.messages, second.messages]).toEqual([["set"], ["value"]]);
  });

  test("a process whose server is down ends once it has closed its store", async () => {
    if (!module.startsWith("@")) return;
    await server.stop();
    const child = startChild(worker, [server.url, "k", "get"]);
    expect((await child.end).code).toBe(0);
    expect(child.messages).toEqual(["STORE_ERROR"]);
    await server.start();
  });

  test("no error contains the password", async () => {
    const url = new URL(server.url);
    const failure = await open(url.href.replace(/\/\/([^@/]*@)?/, "//owner:hunter2%2Fsecret@"))
      .get("k")
      .catch((error) => error);
    for (const secret of ["hunter2", "secret"])
      expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(secret);
  });
});
