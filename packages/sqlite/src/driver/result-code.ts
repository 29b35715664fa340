/** The primary result codes of SQLite that this package handles (https://sqlite.org/rescode.html). */
export const ResultCode = {
  ERROR: 1,
  BUSY: 5,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  PROTOCOL: 15,
  CONSTRAINT: 19,
  NOTADB: 26,
} as const;

/** Returns the primary result code of an error of SQLite; undefined for any other error. */
export function resultCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("errcode" in error) return Number(error.errcode) & 0xff;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_SQLITE_ERROR" ? codeOfMessage(message) : undefined;
}

/** How SQLite's messages begin (sqlite3_errstr), for Deno, whose errors of `exec` and of opening have no code. */
const MESSAGES: ReadonlyArray<readonly [message: string, code: number]> = [
  ["database is locked", ResultCode.BUSY],
  ["attempt to write a readonly database", ResultCode.READONLY],
  ["disk I/O error", ResultCode.IOERR],
  ["database disk image is malformed", ResultCode.CORRUPT],
  ["malformed database schema", ResultCode.CORRUPT],
  ["database or disk is full", ResultCode.FULL],
  ["unable to open database file", ResultCode.CANTOPEN],
  ["locking protocol", ResultCode.PROTOCOL],
  ["UNIQUE constraint failed", ResultCode.CONSTRAINT],
  ["file is not a database", ResultCode.NOTADB],
];

function codeOfMessage(text: string): number {
  return MESSAGES.find(([message]) => text.startsWith(message))?.[1] ?? ResultCode.ERROR;
}

/** Whether retrying a little later can succeed. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  // PROTOCOL: a race between processes that open a file in WAL mode, as transient as a lock.
  return code === ResultCode.BUSY || code === ResultCode.PROTOCOL;
}

/** Makes an error that is retried as SQLite's own "busy" is. */
export function busy(reason: string): Error {
  return Object.assign(new Error(reason), { errcode: ResultCode.BUSY });
}

/** Whether the file is not a database, or a corrupt one. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === ResultCode.CORRUPT || code === ResultCode.NOTADB;
}

/** Makes an error for corruption that SQLite itself did not detect. */
export function damaged(problem: string): Error {
  return Object.assign(new Error(problem), { errcode: ResultCode.CORRUPT });
}
