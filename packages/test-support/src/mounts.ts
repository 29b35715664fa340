import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary.ts";

const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { stdio: "pipe" });

/** Whether this process may mount file systems: as root on Linux, outside of most containers. */
export const canMount: boolean = (() => {
  const directory = mkdtempSync(join(tmpdir(), "remem-mount-"));
  try {
    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory);
    run("umount", directory);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
})();

export interface SmallDisk {
  readonly directory: string;
  setReadOnly(isReadOnly: boolean): void;
}

/** Mounts a file system of `bytes` in memory. It is unmounted after the test. */
export function smallDisk(bytes: number): SmallDisk {
  const directory = temporaryDirectory();
  run("mount", "-t", "tmpfs", "-o", `size=${bytes},mode=700`, "tmpfs", directory);
  onTestFinished(() => run("umount", "-l", directory));
  return {
    directory,
    setReadOnly: (isReadOnly) => run("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, directory),
  };
}

/** Mounts a file or directory at a second place, which must exist. It is unmounted after the test. */
export function bindMount(of: string, at: string): void {
  run("mount", "--bind", of, at);
  onTestFinished(() => run("umount", "-l", at));
}

/** Hides a directory behind an empty one, as from a container that sees a file of it alone. */
export function hide(directory: string): void {
  run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory);
  onTestFinished(() => run("umount", "-l", directory));
}

/** Mounts the directory on a read-only file system, which even root cannot write to. */
export function readOnlyView(of: string): { readonly directory: string; remount(how: "ro" | "rw"): void } {
  const directory = join(temporaryDirectory(), "view");
  mkdirSync(directory);
  run("mount", "--bind", of, directory);
  onTestFinished(() => run("umount", "-l", directory));
  const remount = (how: "ro" | "rw") => run("mount", "-o", `remount,bind,${how}`, directory);
  remount("ro");
  return { directory, remount };
}
