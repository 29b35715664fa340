import { type BigIntStats, statSync } from "node:fs";

/** Undefined where no file can be seen. */
export function tryStat(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Tells the file at a path from others that are there as long as it is open; undefined where none can be seen. */
export function fileIdentity(path: string): string | undefined {
  const found = tryStat(path);
  return found && identityOf(found);
}

export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

/**
 * Tells a file from all that were and will be in its directory; undefined where the system does not know when files were
 * made. The device is left out: some get another number with every start of the machine.
 */
export function permanentIdentityOf({ ino, birthtimeNs }: BigIntStats): string | undefined {
  return birthtimeNs !== 0n && hasBirthTimes() ? `${ino}:${birthtimeNs}` : undefined;
}

let cached: boolean | undefined;

/** Where Linux lets nobody ask for it (statx), Node gives the time of the last change, for every file. */
function hasBirthTimes(): boolean {
  if (cached === undefined) {
    const node = tryStat(process.execPath);
    cached = node !== undefined && node.birthtimeNs !== node.ctimeNs;
  }
  return cached;
}
