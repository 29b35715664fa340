import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChatCompletion, type ChatRequest, decodeEntry, readEntry, readOriginalCache, storeFromUrl } from "remem";
import { expect, test } from "vitest";
import { question, workspace } from "../support/remem.ts";

const golden = fileURLToPath(
  new URL("../../../../packages/sqlite/test/golden/gpt-4o-mini_cache.sqlite", import.meta.url),
);

test("import copies answers from a Python cache file into the store once, and does not modify the file", async () => {
  const { remem, directory } = await workspace();
  const before = readFileSync(golden);
  expect(await remem(["import", golden])).toEqual({
    status: 0,
    out: "",
    err: "30 imported, 0 already present, 10 unreadable\n",
  });
  expect((await remem(["import", golden])).err).toBe("0 imported, 30 already present, 10 unreadable\n");
  expect(readFileSync(golden).equals(before)).toBe(true);

  const store = storeFromUrl(`sqlite:${join(directory, "llm_cache")}`, { model: "gpt-4o-mini" });
  for (const [key, entry] of readOriginalCache(golden)) {
    expect(await readEntry(store, key)).toEqual(entry && decodeEntry(entry));
  }
  await store.close();
});

test("export writes a file with all answers, and nothing new the second time", async () => {
  const { remem, write, directory } = await workspace();
  write("in.jsonl", [question("one"), question("two")]);
  await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--store", "sqlite:here.sqlite"]);
  const command = ["export", "theirs.sqlite", "--store", "sqlite:here.sqlite"];
  expect(await remem(command)).toEqual({
    status: 0,
    out: "",
    err: "2 exported, 0 already present, 0 skipped (expired or not an answer)\n",
  });
  expect((await remem(command)).err).toMatch(/^0 exported, 2 already present/);
  const texts = Array.from(readOriginalCache(join(directory, "theirs.sqlite")), ([, entry]) =>
    decodeEntry<ChatCompletion, ChatRequest>(entry ?? ""),
  );
  expect(texts.map((entry) => entry?.request?.messages[0]?.content).sort()).toEqual(["one", "two"]);
});

test("import of a missing file is an error", async () => {
  const { remem } = await workspace();
  expect(await remem(["import", "no.sqlite"])).toEqual({
    status: 1,
    out: "",
    err: "remem: There is no file no.sqlite.\n",
  });
});
