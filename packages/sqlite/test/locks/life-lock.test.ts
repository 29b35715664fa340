import { existsSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { isLifeLocked, lockLife } from "../../src/locks/life-lock.ts";
import { start } from "./child.ts";

test("another process sees the lock while it is held, and its file is accessible to the owner only", async () => {
  const path = join(temporaryDirectory(), "life");
  const { release } = lockLife(path);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  const child = start("life", "check", path);
  await child.says(true);
  release();
  child.process.send("again");
  await child.says("unknown");
  expect(existsSync(path)).toBe(false);
});

test("the lock of a suspended process is seen, and that of a killed one is not", async () => {
  const path = join(temporaryDirectory(), "life");
  const child = start("life", "lock", path);
  await child.says("locked");
  expect(isLifeLocked(path)).toBe(true);
  if (process.platform !== "win32") {
    child.process.kill("SIGSTOP");
    expect(isLifeLocked(path)).toBe(true);
  }
  child.process.kill("SIGKILL");
  await child.end;
  expect(isLifeLocked(path)).toBe(false);
  expect(isLifeLocked(path)).toBe(false);
});

test("a lock outlives garbage collection even if its handle is dropped", async () => {
  const path = join(temporaryDirectory(), "life");
  const child = start("life", "lock", path);
  await child.says("locked");
  child.process.send("collect");
  await child.says("collected");
  expect(isLifeLocked(path)).toBe(true);
});

test("the lock of a terminated thread is not seen, even by its own process", async () => {
  const path = join(temporaryDirectory(), "life");
  const child = start("life", "thread", path);
  await child.says("locked");
  expect(isLifeLocked(path)).toBe(true);
  child.process.send("terminate");
  await child.says("terminated");
  expect(isLifeLocked(path)).toBe(false);
});

test("the state of a missing file, a directory or a link is unknown", () => {
  const directory = temporaryDirectory();
  expect(isLifeLocked(join(directory, "missing"))).toBeUndefined();
  expect(existsSync(join(directory, "missing"))).toBe(false);
  expect(isLifeLocked(directory)).toBeUndefined();
  writeFileSync(join(directory, "file"), "");
  symlinkSync(join(directory, "file"), join(directory, "link"));
  expect(isLifeLocked(join(directory, "link"))).toBeUndefined();
  expect(isLifeLocked(join(directory, "file"))).toBe(false);
});
