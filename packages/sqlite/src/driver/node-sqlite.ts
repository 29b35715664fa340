/** Loads `node:sqlite` and suppresses the ExperimentalWarning that Node 22 prints for it, and no other warning. */
export function loadSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === "ExperimentalWarning" && String(warning).startsWith("SQLite ")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof emitWarning;
  try {
    const sqlite = process.getBuiltinModule?.("node:sqlite");
    if (sqlite === undefined) throw new Error("This runtime has no node:sqlite.");
    return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Whether a version of SQLite has the fix for the WAL-reset bug, in which a checkpoint that races with a writer can
 * corrupt the file: 3.51.3 and later, and in the older lines from 3.50.7 and 3.44.6 on.
 */
export function hasWalResetFix(sqliteVersion: string): boolean {
  const [major = 0, minor = 0, patch = 0] = sqliteVersion.split(".").map(Number);
  if (major !== 3) return major > 3;
  if (minor === 44) return patch >= 6;
  if (minor === 50) return patch >= 7;
  return minor > 51 || (minor === 51 && patch >= 3);
}
