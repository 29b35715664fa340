import { closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Sees to it that the file is there: an empty one and its directories are for the owner alone, what exists is left as it is. */
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

/** An existing file is not opened at all: closing it again would drop the locks that SQLite holds on it in this process. */
function createNew(path: string): number | undefined {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
}
