import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { quantile } from "./statistics.ts";

/**
 * What a directory takes that is made and removed, as a lock of remem is, in microseconds: from ten to thousands, where the
 * file system tells the disk at once that a block is free.
 */
export function directoryUs(parent: string): number {
  const path = join(parent, "made-and-removed");
  const takes = Array.from({ length: 101 }, () => {
    const start = performance.now();
    mkdirSync(path);
    rmdirSync(path);
    return (performance.now() - start) * 1_000;
  });
  return quantile(takes, 0.5);
}

/** For tables with locks in their figures. */
export function noteOnLocks(parent: string): string {
  const us = Math.round(directoryUs(parent));
  return `a lock is a directory, and to make and remove one takes ${us} us on this file system`;
}
