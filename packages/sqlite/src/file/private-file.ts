import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Creates the file and its directories, accessible to the owner only. Those that exist stay unchanged. */
export function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = createNew(path);
  if (file === undefined) return;
  try {
    makePrivate(path, file);
  } finally {
    closeSync(file);
  }
}

/** Never opens an existing file: closing it would drop the locks that SQLite holds on it in this process (POSIX). */
function createNew(path: string): number | undefined {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
}

/** The umask may have taken bits of the owner. Node's permission model refuses `fchmod` for every file. */
function makePrivate(path: string, file: number): void {
  try {
    fchmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ACCESS_DENIED") throw error;
    chmodSync(path, 0o600);
  }
}
