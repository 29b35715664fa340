import { existsSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isLifeLocked, lockLife } from "../../src/locks/life-lock.ts";
import { temporaryDirectory } from "../temporary.ts";
import { start } from "./child.ts";

test("another process sees the lock for as long as it is held, and its file is for the owner alone", async () => {
  const path = join(temporaryDirectory(), "life");
  const { release } = lockLife(path);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  const child = start("life", "look", path);
  await child.says(true);
  release();
  child.process.send("again");
  await child.says("nobody can say");
  expect(existsSync(path)).toBe(false);
});

test("the lock of a process that is stopped is seen, and that of one that was killed is not", async () => {
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

test("a lock of which nobody keeps the handle outlives garbage collection", async () => {
  const path = join(temporaryDirectory(), "life");
  const child = start("life", "lock", path);
  await child.says("locked");
  child.process.send("collect");
  await child.says("collected");
  expect(isLifeLocked(path)).toBe(true);
});

test("the lock of a thread that was terminated is not seen by its own process either", async () => {
  const path = join(temporaryDirectory(), "life");
  const child = start("life", "thread", path);
  await child.says("locked");
  expect(isLifeLocked(path)).toBe(true);
  child.process.send("terminate");
  await child.says("terminated");
  expect(isLifeLocked(path)).toBe(false);
});

test("nobody can say of what is gone, of a directory and of a link", () => {
  const directory = temporaryDirectory();
  expect(isLifeLocked(join(directory, "gone"))).toBeUndefined();
  expect(existsSync(join(directory, "gone"))).toBe(false);
  expect(isLifeLocked(directory)).toBeUndefined();
  writeFileSync(join(directory, "file"), "");
  symlinkSync(join(directory, "file"), join(directory, "link"));
  expect(isLifeLocked(join(directory, "link"))).toBeUndefined();
  expect(isLifeLocked(join(directory, "file"))).toBe(false);
});
