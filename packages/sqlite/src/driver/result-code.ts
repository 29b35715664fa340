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
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return Number(error.errcode) & 0xff;
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
