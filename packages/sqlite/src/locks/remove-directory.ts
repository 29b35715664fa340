import { close, closeSync, constants, openSync, rmdirSync } from "node:fs";

/** How many may wait to be closed: each is a descriptor, and a disk may be slower than who removes. */
const MAX_CLOSING = 16;
let closing = 0;

/**
 * Removes an empty directory, and gives its room on the disk back on another thread. Linux does so within the removal, while
 * nobody can make or remove anything else beside the directory, and an ext4 without a journal that is mounted with
 * `discard` waits for the disk then, up to some milliseconds. What is still open is given back once it is closed.
 * @throws what the system says
 */
export function removeDirectory(path: string): void {
  const handle = process.platform === "linux" ? openHandle(path) : undefined;
  try {
    rmdirSync(path);
  } finally {
    if (handle !== undefined) closeHandle(handle);
  }
}

function openHandle(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined; // It is removed all the same, or the removal tells why not.
  }
}

function closeHandle(handle: number): void {
  if (closing === MAX_CLOSING) {
    closeSync(handle);
    return;
  }
  closing++;
  close(handle, () => {
    closing--;
  });
}
