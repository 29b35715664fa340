import { connectTo } from "@remem/test-support/database";
import { temporaryFile } from "@remem/test-support/temporary";
import { type StoreContractOptions, storeContract } from "@remem/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { storeOver } from "../src/url/keyv-store-from-url.ts";
import { sqlite } from "../src/url/sqlite.ts";
import { loaded } from "./loaded.ts";
import { type Server, TESTED } from "./servers.ts";

function holdsTheContract(options: StoreContractOptions): void {
  for (const { name, run } of storeContract(options)) test(name, run);
}

const CLEARING = ["clear leaves an empty, usable store", "clear leaves what belongs to others"] as const;

for (const { backend, module, canStart, launch } of TESTED) {
  describe.runIf(canStart)(`over ${module} the store keeps the contract:`, () => {
    let server: Server;
    let isStopped = false;
    beforeAll(async () => {
      server = await launch();
    });
    afterAll(() => server.remove());
    const open = () => storeOver(backend, loaded(module), server.url);
    holdsTheContract({
      async create() {
        if (isStopped) await server.start();
        isStopped = false;
        await server.reset();
        return open();
      },
      reopen: open,
      foreign: { put() {}, isThere: () => server.isForeignThere() },
      async breakBackend() {
        await server.stop();
        isStopped = true;
      },
      skip: backend.lists ? [] : CLEARING.map((name) => ({ case: name, reason: "the server cannot list keys" })),
    });
  });
}

describe("over @keyv/sqlite the store keeps the contract:", () => {
  let path: string;
  const open = () => storeOver(sqlite, loaded("@keyv/sqlite"), `keyv+sqlite:${path}`);
  holdsTheContract({
    create() {
      path = temporaryFile();
      connectTo(path).exec("CREATE TABLE keyv (key); INSERT INTO keyv VALUES ('theirs')");
      return open();
    },
    reopen: open,
    foreign: { put() {}, isThere: () => connectTo(path).prepare("SELECT key FROM keyv").get()?.key === "theirs" },
    breakBackend: () => connectTo(path).exec("DROP TABLE remem_keyv"),
  });
});
