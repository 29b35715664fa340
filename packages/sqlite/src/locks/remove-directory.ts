import { close, closeSync, constants, openSync, rmdirSync } from "node:fs";

/** How many may be closing at once: each is an open descriptor, and the disk may be slower than the caller. */
const MAX_CLOSING = 16;
let closing = 0;

/**
 * Removes an empty directory and frees its blocks on another thread. Linux frees them during the removal, while nothing
 * else can be created or removed in the parent directory, and an ext4 without a journal mounted with `discard` then
 * waits for the disk, up to some milliseconds. The blocks of an open directory are freed when it is closed.
 * @throws the error of the system
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
    return undefined; // Removing it works anyway, or reports the error.
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
