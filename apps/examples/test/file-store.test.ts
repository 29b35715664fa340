import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeContract } from "@remem/testing";
import { describe, onTestFinished, test } from "vitest";
import { fileStore } from "../src/file-store.ts";

describe("the file store keeps the contract of a store:", () => {
  let directory: string;
  const cases = storeContract({
    async create() {
      const parent = await mkdtemp(join(tmpdir(), "remem-file-store-"));
      onTestFinished(() => rm(parent, { recursive: true }));
      directory = join(parent, "cache");
      return fileStore(directory);
    },
    reopen: () => fileStore(directory),
    foreign: {
      put: () => writeFile(join(directory, "notes.json"), "{}"),
      isThere: () =>
        access(join(directory, "notes.json")).then(
          () => true,
          () => false,
        ),
    },
    async breakBackend() {
      await rm(directory, { recursive: true });
      await writeFile(directory, "A file in the directory's place.");
    },
  });
  for (const { name, run } of cases) test(name, run);
});
