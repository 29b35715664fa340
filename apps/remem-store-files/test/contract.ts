import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { storeContract } from "@remem/testing";
import { fileStore } from "../src/index.ts";

const parent = await mkdtemp(join(tmpdir(), "remem-store-files-"));
after(() => rm(parent, { recursive: true }));
let directory: string;
let made = 0;

const cases = storeContract({
  create() {
    directory = join(parent, `cache-${++made}`);
    return fileStore({ directory });
  },
  reopen: () => fileStore({ directory }),
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
