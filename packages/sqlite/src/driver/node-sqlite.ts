/** Loads `node:sqlite` without the ExperimentalWarning that Node 22 prints for it; every other warning passes. */
export function loadSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === "ExperimentalWarning" && String(warning).startsWith("SQLite ")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof emitWarning;
  try {
    const sqlite = process.getBuiltinModule("node:sqlite");
    if (sqlite === undefined) throw new Error(`This build of Node (${process.version}) comes without node:sqlite.`);
    return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Whether this SQLite has the fix of the WAL-reset bug, by which a checkpoint that meets a writer can damage the file:
 * 3.51.3 and later, 3.50.7 and later of its line, 3.44.6 and later of its line.
 */
export function hasWalResetFix(sqliteVersion: string): boolean {
  const [major = 0, minor = 0, patch = 0] = sqliteVersion.split(".").map(Number);
  if (major !== 3) return major > 3;
  if (minor === 44) return patch >= 6;
  if (minor === 50) return patch >= 7;
  return minor > 51 || (minor === 51 && patch >= 3);
}
