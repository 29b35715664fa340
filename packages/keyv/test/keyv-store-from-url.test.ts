import { once } from "node:events";
import { inspect } from "node:util";
import { sqliteStore } from "@remem/sqlite";
import { connectTo } from "@remem/test-support/database";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { keyvStoreFromUrl } from "../src/index.ts";
import { SCHEMES } from "../src/url/schemes.ts";

const onPosix = (text: string): string => (process.platform === "win32" ? "" : text);

test("a URL without a known scheme or without an address is refused, and no password is repeated", () => {
  const schemes = Object.keys(SCHEMES).join(", ");
  for (const url of ["", "hunter2", "mongo://user:hunter2@host/database", "__proto__://hunter2"]) {
    expect(() => keyvStoreFromUrl(url)).toThrow(`keyvStoreFromUrl: The scheme of the URL must be one of ${schemes}.`);
    expect(() => keyvStoreFromUrl(url)).not.toThrow(/hunter2/);
  }
  for (const [scheme, form] of [
    ["postgres", "postgres://<host>/<database>"],
    ["mongodb+srv", "mongodb+srv://<host>/<database>"],
    ["keyv+redis", "keyv+redis://<host>"],
    ["keyv+sqlite", "keyv+sqlite:<path>"],
  ] as const) {
    expect(() => keyvStoreFromUrl(`${scheme}:`)).toThrow(`The URL of such a store is ${form}.`);
  }
});

test("a store says once that it does not coordinate processes, however many clients use such a store", async () => {
  const warnings: Error[] = [];
  process.on("warning", (warning) => void warnings.push(warning));
  const urls = ["postgres://user:hunter2@localhost/a", "postgresql://user:hunter2@localhost/b", "memcache://localhost"];
  for (const url of [...urls, ...urls]) await keyvStoreFromUrl(url).close();
  await once(process, "warning");
  await new Promise(setImmediate);
  const ours = warnings.filter(({ name }) => name === "RememWarning");
  expect(ours).toMatchObject([
    {
      code: "REMEM_NOT_COALESCED",
      message: expect.stringMatching(/^A store at postgres: does not coordinate processes/),
    },
    {
      code: "REMEM_NOT_COALESCED",
      message: expect.stringMatching(/at memcache: .* keeps no entry of more than 1 MB\.$/),
    },
  ]);
  expect(inspect(ours)).not.toContain("hunter2");
});

test("the path of an SQLite file may be relative or absolute, and begin with two slashes more", async () => {
  const directory = temporaryDirectory();
  const absolute = `${directory}/cache file.sqlite`;
  for (const [index, url] of [`keyv+sqlite:${absolute}`, `KEYV+SQLITE:${onPosix("//")}${absolute}`].entries()) {
    const store = keyvStoreFromUrl(url);
    await store.set(`${index}`, "v");
    await store.close();
  }
  expect(connectTo(absolute).prepare("SELECT key FROM remem_keyv ORDER BY key").all()).toEqual([
    { key: "0" },
    { key: "1" },
  ]);
});

test("a file of @remem/sqlite keeps its entries when it is opened through Keyv, too", async () => {
  const path = `${temporaryDirectory()}/cache.sqlite`;
  for (const [open, read, written] of [
    [() => sqliteStore({ path }), undefined, "ours"],
    [() => keyvStoreFromUrl(`keyv+sqlite:${path}`), undefined, "Keyv's"],
    [() => sqliteStore({ path }), "ours", "ours"],
    [() => keyvStoreFromUrl(`keyv+sqlite:${path}`), "Keyv's", "Keyv's"],
  ] as const) {
    const store = open();
    expect(await store.get("k")).toBe(read);
    await store.set("k", written);
    await store.close();
  }
});

test("a file that cannot be opened makes calls reject with the reason", async () => {
  const store = keyvStoreFromUrl(`keyv+sqlite:${temporaryDirectory()}/missing/cache.sqlite`);
  await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_ERROR", store: "@keyv/sqlite" });
  await store.close();
});

test("a parameter in the URL that the MySQL adapter would ignore is refused by name", async () => {
  const store = keyvStoreFromUrl("mysql://user:hunter2@localhost/database?ssl-mode=REQUIRED");
  await expect(store.get("k")).rejects.toThrow(/the URL's parameter `ssl-mode` is unknown. There is only `ssl`/);
  await expect(store.get("k")).rejects.not.toThrow(/hunter2/);
  await store.close();
  const unclear = keyvStoreFromUrl("mysql://user:hunter2@localhost/database?ssl=Amazon");
  await expect(unclear.get("k")).rejects.toThrow(/`ssl` must be `true`, or the TLS options of mysql2 as JSON/);
  await unclear.close();
});
