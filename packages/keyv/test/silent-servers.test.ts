import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { startChild } from "@remem/test-support/child";
import { describe, expect, onTestFinished, test } from "vitest";
import { storeOver } from "../src/url/keyv-store-from-url.ts";
import { SCHEMES } from "../src/url/schemes.ts";
import { loaded } from "./loaded.ts";

const leaving = new URL("processes/leaving.mjs", import.meta.url);
const ADAPTERS = [
  ["postgres", "@keyv/postgres"],
  ["postgres", "keyv-postgres-6"],
  ["mysql", "@keyv/mysql"],
  ["mongodb", "@keyv/mongo"],
  ["valkey", "@keyv/valkey"],
  ["keyv+redis", "@keyv/redis"],
  ["keyv+redis", "keyv-redis-6"],
  ["memcache", "@keyv/memcache"],
] as const;

/** A server that accepts connections, and says nothing: the host of a process that hangs. */
async function silentServer(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe.each(ADAPTERS)("a %s: server that accepts connections and says nothing, over %s,", (scheme, module) => {
  test("makes a call reject, and the store can be closed", async () => {
    const url = `${scheme}://owner:hunter2@127.0.0.1:${await silentServer()}/0`;
    const store = storeOver(SCHEMES[scheme]!, loaded(module), url, { openMs: 200, answerMs: 200 });
    await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_ERROR" });
    await store.close();
  });
});

test("processes that close their store while such a server has not answered end by themselves", async () => {
  const schemes = [...new Set(ADAPTERS.map(([scheme]) => scheme))];
  const port = await silentServer();
  const children = schemes.map((scheme) => startChild(leaving, [`${scheme}://owner:hunter2@127.0.0.1:${port}/0`]));
  const ends = await Promise.all(children.map(({ end }) => end));
  expect(ends.map(({ code }) => code)).toEqual(schemes.map(() => 0));
  expect(children.map(({ messages }) => messages)).toEqual(schemes.map(() => [expect.stringMatching(/^STORE_/)]));
});
