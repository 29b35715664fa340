import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { storeFileFromUrl } from "../src/index.ts";

test("the file of a URL is the one that a store would open, and nothing is created", () => {
  const directory = join(temporaryDirectory(), "llm_cache");
  const inDirectory = { path: join(directory, "org_m_cache.sqlite"), isInDirectory: true };
  expect(storeFileFromUrl(`sqlite:${directory}`, { model: "org/m" })).toEqual(inDirectory);
  expect(storeFileFromUrl(`sqlite://${directory}`, { model: "org/m" })).toEqual(inDirectory);
  const path = `${directory}.sqlite`;
  expect(storeFileFromUrl(`sqlite:${path}`)).toEqual({ path, isInDirectory: false });
  expect(existsSync(directory)).toBe(false);
  mkdirSync(path);
  expect(storeFileFromUrl(`sqlite:${path}`)?.isInDirectory).toBe(true);
});

test.each(["memory:", "redis://localhost", "nonsense", "sqlite:", "sqlite://u:secret@host/db"])(
  "the URL %s names no file",
  (url) => {
    expect(storeFileFromUrl(url)).toBeUndefined();
  },
);
