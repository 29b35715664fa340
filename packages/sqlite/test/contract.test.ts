import { memoryStore, tieredStore } from "@remem/core";
import type { Child } from "@remem/test-support/child";
import { connectTo } from "@remem/test-support/database";
import { temporaryFile } from "@remem/test-support/temporary";
import { storeContract } from "@remem/testing";
import { describe, test } from "vitest";
import { lockDirectoryOf } from "../src/file/maintenance.ts";
import { sqliteStore } from "../src/index.ts";
import { takeOver } from "./damage.ts";
import { start } from "./locks/child.ts";

describe.each([
  { title: "sqliteStore", compress: false, others: false },
  { title: "sqliteStore with `compress`", compress: true, others: true },
  { title: "sqliteStore with `compress`, beside one without,", compress: true, others: false },
])("$title fulfils the store contract:", ({ compress, others }) => {
  let path: string;
  const cases = storeContract({
    create() {
      path = temporaryFile();
      return sqliteStore({ path, compress });
    },
    reopen: () => sqliteStore({ path, compress: others }),
    foreign: {
      put: () => connectTo(path).exec("CREATE TABLE theirs (it); INSERT INTO theirs VALUES ('kept')"),
      isThere: () => connectTo(path).prepare("SELECT it FROM theirs").get()?.it === "kept",
    },
    breakBackend: () => takeOver(path),
    async orphan(key) {
      const child = await leader(key);
      child.process.kill("SIGKILL");
      await child.end;
    },
    async leadElsewhere(key) {
      const child = await leader(key);
      return async () => {
        child.process.send("release");
        await child.says("released");
      };
    },
  });
  for (const { name, run } of cases) test(name, run);

  async function leader(key: string): Promise<Child> {
    const child = start("leader", lockDirectoryOf(path), key);
    await child.says("leads");
    return child;
  }
});

describe("memory in front of SQLite fulfils the store contract:", () => {
  let path: string;
  const open = () => tieredStore(memoryStore(), sqliteStore({ path }));
  const cases = storeContract({
    create() {
      path = temporaryFile();
      return open();
    },
    reopen: open,
    foreign: {
      put: () => connectTo(path).exec("CREATE TABLE theirs (it); INSERT INTO theirs VALUES ('kept')"),
      isThere: () => connectTo(path).prepare("SELECT it FROM theirs").get()?.it === "kept",
    },
    breakBackend: () => takeOver(path),
    skip: [
      {
        case: "a second handle sees what the first has written",
        reason: "what another handle replaces is noticed once the near store has forgotten it",
      },
      {
        case: "two handles that write one key at once leave one whole value",
        reason: "each near store keeps the value that went through it",
      },
      {
        case: "two handles that write one key at once leave a value with its own sidecar",
        reason: "the value may come from the near store, the sidecar comes from the far one",
      },
      {
        case: "when the backend fails every operation rejects, and none answers with a miss",
        reason: "what the near store has is served without the backend",
      },
    ],
  });
  for (const { name, run } of cases) test(name, run);
});
