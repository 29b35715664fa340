import { execFileSync, spawnSync } from "node:child_process";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary.ts";

/** A disk that a test can fill up and make read-only. */
export interface SmallDisk {
  readonly directory: string;
  setReadOnly(isReadOnly: boolean): void;
}

/** Whether `smallDisk` works here: only root may mount, and not everywhere. */
export const canMount: boolean =
  process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

/** Mounts a disk of this size in memory. */
export function smallDisk(kibibytes: number): SmallDisk {
  const directory = temporaryDirectory();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k,mode=700`, "tmpfs", directory]);
  onTestFinished(() => void execFileSync("umount", ["--lazy", directory]));
  return {
    directory,
    setReadOnly: (isReadOnly) => void execFileSync("mount", ["-o", `remount,${isReadOnly ? "ro" : "rw"}`, directory]),
  };
}
