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
