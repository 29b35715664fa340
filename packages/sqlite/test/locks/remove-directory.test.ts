import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test, vi } from "vitest";
import { removeDirectory } from "../../src/locks/remove-directory.ts";

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return { ...fs, close: vi.fn(fs.close) };
});

const onLinux = test.runIf(process.platform === "linux");

/** Counts the open descriptors of files that are, or were, in a directory. */
function openWithin(directory: string): number {
  const nameOf = (descriptor: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return ""; // It was closed in the meantime.
    }
  };
  return readdirSync("/proc/self/fd").filter((descriptor) => nameOf(descriptor).startsWith(directory)).length;
}

test("an empty directory is removed immediately, and its name can be reused", () => {
  const path = join(temporaryDirectory(), "lock");
  for (let time = 0; time < 3; time++) {
    mkdirSync(path);
    removeDirectory(path);
    expect(existsSync(path)).toBe(false);
  }
});

test("anything but an empty directory stays, with the error of the system", () => {
  const directory = temporaryDirectory();
  const full = join(directory, "full");
  const link = join(directory, "link");
  mkdirSync(full);
  writeFileSync(join(full, "token"), "");
  mkdirSync(join(directory, "named"));
  symlinkSync(join(directory, "named"), link);
  const codeOf = (path: string): unknown => {
    try {
      return removeDirectory(path);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  };
  expect(codeOf(full)).toMatch(/ENOTEMPTY|EEXIST/);
  expect(codeOf(join(directory, "nothing"))).toBe("ENOENT");
  if (process.platform === "linux") expect(codeOf(link)).toBe("ENOTDIR");
  expect(readdirSync(directory).sort()).toEqual(["full", "link", "named"]);
});

onLinux("few directories stay open while the disk is busy, however many are removed, and none afterwards", async () => {
  vi.resetModules(); // Directories that other tests removed may still be open, and count.
  const { removeDirectory } = await import("../../src/locks/remove-directory.ts");
  const { close: closeAside } = await import("node:fs");
  const { close } = await vi.importActual<typeof import("node:fs")>("node:fs");
  const directory = temporaryDirectory();
  const closeAtLast: Array<() => Promise<void>> = [];
  vi.mocked(closeAside).mockImplementation((descriptor, done) => {
    closeAtLast.push(
      () =>
        new Promise((resolve) => {
          close(descriptor, (error) => {
            done?.(error);
            resolve();
          });
        }),
    );
  });
  for (let count = 0; count < 100; count++) {
    const path = join(directory, String(count));
    mkdirSync(path);
    removeDirectory(path);
  }
  expect(readdirSync(directory)).toEqual([]);
  expect(openWithin(directory)).toBe(16);

  await Promise.all(closeAtLast.map((close) => close()));
  expect(openWithin(directory)).toBe(0);
  mkdirSync(join(directory, "later"));
  removeDirectory(join(directory, "later"));
  expect(openWithin(directory)).toBe(1);
  await closeAtLast.at(-1)?.();
});
