import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { entryTable } from "../../src/entry-table.ts";
import { sqliteStore } from "../../src/index.ts";
import { movedAside } from "../damage.ts";
import { temporaryFile } from "../temporary.ts";

/** The error with which the next operation on the file fails, as a disk may make it fail. */
const next: { error?: Error } = {};

vi.mock("../../src/entry-table.ts", async (original) => {
  const module = await original<typeof import("../../src/entry-table.ts")>();
  const entryTable = vi.fn((...args: Parameters<typeof module.entryTable>) => {
    const table = module.entryTable(...args);
    return {
      ...table,
      get(key: string) {
        const { error } = next;
        delete next.error;
        if (error !== undefined) throw error;
        return table.get(key);
      },
    };
  });
  return { ...module, entryTable };
});

afterEach(() => void vi.mocked(entryTable).mockClear());

async function failOnce(errcode: number) {
  const path = temporaryFile();
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  await store.set("k", "v");
  const error = Object.assign(new Error("no luck"), { errcode });
  next.error = error;
  await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_ERROR", cause: error });
  expect(await store.get("k")).toBe("v");
  expect(movedAside(path)).toEqual([]);
  return vi.mocked(entryTable).mock.calls.length;
}

test.each([
  ["a disk error", 522],
  ["a file that cannot be opened", 14],
  ["a file system that has become read-only", 1032],
  ["what looked like damage and is none", 11],
])("after %s the file is opened anew", async (_, errcode) => {
  expect(await failOnce(errcode)).toBe(2);
});

test.each([
  ["a full disk", 13],
  ["a value that is too large", 18],
])("%s leaves it open", async (_, errcode) => {
  expect(await failOnce(errcode)).toBe(1);
});
