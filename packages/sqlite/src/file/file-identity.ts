import { type BigIntStats, statSync } from "node:fs";

/** Returns undefined if there is no file, or the process may not see it. */
export function tryStat(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Identifies the file at a path among all that exist while it is open. Undefined if there is none that the process may see. */
export function fileIdentity(path: string): string | undefined {
  const found = tryStat(path);
  return found && identityOf(found);
}

export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

/**
 * Identifies a file among all that ever exist in its directory. Undefined if the system does not record birth times.
 * The device is left out: some devices get another number at every boot.
 */
export function permanentIdentityOf({ ino, birthtimeNs }: BigIntStats): string | undefined {
  return birthtimeNs !== 0n && hasBirthTimes() ? `${ino}:${birthtimeNs}` : undefined;
}

let cached: boolean | undefined;

/** If Linux does not allow statx(2), Node reports the time of the last change instead, for every file. */
function hasBirthTimes(): boolean {
  if (cached === undefined) {
    const node = tryStat(process.execPath);
    cached = node !== undefined && node.birthtimeNs !== node.ctimeNs;
  }
  return cached;
}
