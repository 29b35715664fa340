import { closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Creates the file and its directories, accessible to the owner only. Whatever exists is left unchanged. */
export function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = createNew(path);
  if (file === undefined) return;
  try {
    fchmodSync(file, 0o600);
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
