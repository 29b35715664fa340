/** SQLite's primary result codes that somebody here acts on (https://sqlite.org/rescode.html). */
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

/** The primary result code of what SQLite has thrown; undefined for any other error. */
export function resultCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

/** Worth the same attempt a little later. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  // PROTOCOL: a race between processes that open a file in WAL mode; as temporary as a lock.
  return code === ResultCode.BUSY || code === ResultCode.PROTOCOL;
}

/** For what has to be waited for as SQLite's own locks are. */
export function busy(reason: string): Error {
  return Object.assign(new Error(reason), { errcode: ResultCode.BUSY });
}

/** The bytes are not those of a database, or not of a sound one. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === ResultCode.CORRUPT || code === ResultCode.NOTADB;
}

/** For what SQLite has not noticed. */
export function damaged(problem: string): Error {
  return Object.assign(new Error(problem), { errcode: ResultCode.CORRUPT });
}
