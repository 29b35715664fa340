import { temporaryFile } from "@remem/test-support/temporary";
import { expect, onTestFinished, test, vi } from "vitest";
import { openTable } from "../../src/file/open-table.ts";
import { createReopeningConnection } from "../../src/file/reopening-connection.ts";
import { movedAside } from "../damage.ts";
import { errorOf } from "../error-of.ts";

/** Counts how often a connection opens its file when a read fails with this code. */
function countOpenings(errcode: number): number {
  const path = temporaryFile();
  const opening = vi.fn(openTable);
  const connection = createReopeningConnection(path, { openTable: opening });
  onTestFinished(() => connection.close());
  connection.write((table) => table.set("k", "v"));
  const error = Object.assign(new Error("no luck"), { errcode });
  const failing = () => {
    throw error;
  };
  expect(errorOf(() => connection.read(failing))).toBe(error);
  expect(connection.read((table) => table.get("k"))).toBe("v");
  expect(movedAside(path)).toEqual([]);
  return opening.mock.calls.length;
}

test.each([
  ["a disk error", 522],
  ["a file that cannot be opened", 14],
  ["a file system that has become read-only", 1032],
  ["suspected damage that is not confirmed", 11],
])("after %s the file is reopened", (_, errcode) => {
  expect(countOpenings(errcode)).toBe(2);
});

test.each([
  ["a full disk", 13],
  ["a value that is too large", 18],
])("after %s the file stays open", (_, errcode) => {
  expect(countOpenings(errcode)).toBe(1);
});
