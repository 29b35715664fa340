import { statSync } from "node:fs";

/** Tells the file at a path from others that are there as long as it is open; undefined where none can be seen. */
export function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
