import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { quantile } from "./statistics.ts";

/**
 * For tables with locks in their figures: what one takes is from ten microseconds to thousands, where the file system tells
 * the disk at once that a block is free.
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
  return `A lock is a directory: to make and remove one takes ${us} us on this file system.`;
}
