import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileStore } from "../src/index.ts";

test("only their owner can access files and directories", { skip: process.platform === "win32" }, async (t) => {
  const parent = await mkdtemp(join(tmpdir(), "remem-store-files-"));
  t.after(() => rm(parent, { recursive: true }));
  const directory = join(parent, "deep", "answers");
  const store = fileStore({ directory });
  await store.set("key", "value");
  const [file = "", ...others] = await readdir(directory);
  assert.deepEqual(others, []);
  const modes = await Promise.all([join(parent, "deep"), directory, join(directory, file)].map((path) => stat(path)));
  assert.deepEqual(
    modes.map(({ mode }) => (mode & 0o777).toString(8)),
    ["700", "700", "600"],
  );
  await store.close();
});

test("a misspelt option is refused by name", () => {
  assert.throws(() => fileStore({ directory: "x", folder: "y" } as never), {
    code: "INVALID_OPTION",
    message: /`folder`/,
  });
});
