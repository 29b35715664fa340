import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { quantile } from "./statistics.ts";

/**
 * A note for tables whose figures include locks. A lock takes ten microseconds on some file systems, and thousands on those that
 * tell the disk immediately that a block is free.
 */
export function noteOnLocks(parent: string): string {
  const path = join(parent, "made-and-removed");
  const takes = Array.from({ length: 101 }, () => {
    const start = performance.now();
    mkdirSync(path);
    rmdirSync(path);
    return (performance.now() - start) * 1_000;
  });
  const us = Math.round(quantile(takes, 0.5));
  return `A lock is a directory. Creating and removing one takes ${us} us on this file system.`;
}
