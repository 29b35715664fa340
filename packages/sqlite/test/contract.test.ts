import { storeContract } from "@remem/testing";
import { describe, test } from "vitest";
import { sqliteStore } from "../src/index.ts";
import { connectTo, temporaryFile } from "./temporary.ts";

describe("sqliteStore keeps the contract of a store:", () => {
  let path: string;
  const cases = storeContract({
    create() {
      path = temporaryFile();
      return sqliteStore({ path });
    },
    reopen: () => sqliteStore({ path }),
    foreign: {
      put: () => connectTo(path).exec("CREATE TABLE theirs (it); INSERT INTO theirs VALUES ('kept')"),
      isThere: () => connectTo(path).prepare("SELECT it FROM theirs").get()?.it === "kept",
    },
    breakBackend: () => connectTo(path).exec("DROP TABLE remem_entries"),
  });
  for (const { name, run } of cases) test(name, run);
});
