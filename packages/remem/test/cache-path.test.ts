import { hash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cacheFile, DEFAULT_CACHE_FILENAME } from "../src/cache-path.ts";

const directory = mkdtempSync(join(tmpdir(), "remem-names-"));
afterAll(() => rmSync(directory, { recursive: true }));

const nameFor = (model: string, template = DEFAULT_CACHE_FILENAME) =>
  relative(directory, cacheFile(directory, template, model));

test("a model's file has the name that REMem gives it: the model name, with _ for /", () => {
  expect(nameFor("gpt-4o-mini")).toBe("gpt-4o-mini_cache.sqlite");
  expect(nameFor("Qwen/Qwen3-8B")).toBe("Qwen_Qwen3-8B_cache.sqlite");
  expect(nameFor("gpt-4o-mini", "answers.db")).toBe("answers.db");
});

describe("any other name is made harmless, and different names stay different", () => {
  test.each([
    ["../../x", /^_\._\.\._x_cache_[0-9a-f]{8}\.sqlite$|^_[._]*x_cache_[0-9a-f]{8}\.sqlite$/],
    ["..", /^_+_cache_[0-9a-f]{8}\.sqlite$/],
    [".hidden", /^_hidden_cache_[0-9a-f]{8}\.sqlite$/],
    ["qwen3:8b", /^qwen3_8b_cache_[0-9a-f]{8}\.sqlite$/],
    ["a\\..\\b", /^a_\.\._b_cache_[0-9a-f]{8}\.sqlite$/],
    ["nul\0byte", /^nul_byte_cache_[0-9a-f]{8}\.sqlite$/],
    ["моdel é", /^[_A-Za-z]+__cache_[0-9a-f]{8}\.sqlite$/],
    ["", /^_cache\.sqlite$/],
  ])("%j", (model, name) => {
    expect(nameFor(model)).toMatch(name);
  });

  test("long names too", () => {
    const [one, other] = [nameFor(`${"m".repeat(300)}1`), nameFor(`${"m".repeat(300)}2`)];
    expect(one).not.toBe(other);
    for (const name of [one, other]) {
      expect(name.length).toBeLessThanOrEqual(100);
      expect(name).toMatch(/_[0-9a-f]{8}\.sqlite$/);
    }
  });

  test("by a hash of the name", () => {
    expect(nameFor("qwen3:8b")).toContain(hash("sha256", "qwen3:8b_cache.sqlite").slice(0, 8));
  });
});

test("an existing file of REMem with a less harmless name is used", () => {
  writeFileSync(join(directory, "my model@home_cache.sqlite"), "");
  expect(nameFor("my model@home")).toBe("my model@home_cache.sqlite");
  mkdirSync(join(directory, "sub"));
  writeFileSync(join(directory, ".._x_cache.sqlite"), "");
  expect(nameFor("../x")).not.toBe(".._x_cache.sqlite");
});
