import { type BigIntStats, copyFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { temporaryFile } from "@remem/test-support/temporary";
import { afterEach, expect, test, vi } from "vitest";

const stats: { of: (path: string) => BigIntStats } = { of: (path) => statSync(path, { bigint: true }) };

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return { ...fs, statSync: vi.fn(fs.statSync) };
});

afterEach(() => vi.resetModules());

/** Loads a fresh instance of the module, as in a new process. */
const load = (): Promise<typeof import("../../src/file/file-identity.ts")> => import("../../src/file/file-identity.ts");

test("a file keeps its permanent identity when it is written or renamed, and no other file has it", async () => {
  const { permanentIdentityOf } = await load();
  const path = temporaryFile();
  writeFileSync(path, "one");
  const identity = permanentIdentityOf(stats.of(path));
  expect(identity).toBeDefined();
  writeFileSync(path, "two");
  renameSync(path, `${path}.renamed`);
  expect(permanentIdentityOf(stats.of(`${path}.renamed`))).toBe(identity);
  copyFileSync(`${path}.renamed`, path);
  expect(permanentIdentityOf(stats.of(path))).not.toBe(identity);
  rmSync(path);
  rmSync(`${path}.renamed`);
  // It may well get the same inode number.
  writeFileSync(path, "three");
  expect(permanentIdentityOf(stats.of(path))).not.toBe(identity);
});

test("there is no permanent identity if the system does not record birth times", async () => {
  const path = temporaryFile();
  writeFileSync(path, "one");
  const { permanentIdentityOf } = await load();
  expect(permanentIdentityOf({ ...stats.of(path), birthtimeNs: 0n })).toBeUndefined();
});

test("there is no permanent identity if Node reports the time of the last change as the birth time", async () => {
  const path = temporaryFile();
  writeFileSync(path, "one");
  const found = stats.of(path);
  vi.mocked(statSync).mockReturnValueOnce({ ...found, birthtimeNs: 1n, ctimeNs: 1n } as never);
  const { permanentIdentityOf } = await load();
  expect(permanentIdentityOf(found)).toBeUndefined();
});
