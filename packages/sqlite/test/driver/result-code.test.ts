import { expect, test } from "vitest";
import { ResultCode, resultCode } from "../../src/driver/result-code.ts";

const withoutCode = (message: string) => Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR" });

test("an extended result code is reduced to its primary one", () => {
  expect(resultCode({ errcode: 1555 })).toBe(ResultCode.CONSTRAINT);
});

test("an error of SQLite without a code, as Deno has, is known by its message", () => {
  expect(resultCode(withoutCode("database is locked"))).toBe(ResultCode.BUSY);
  expect(resultCode(withoutCode("unable to open database file: /a/b"))).toBe(ResultCode.CANTOPEN);
  expect(resultCode(withoutCode("file is not a database"))).toBe(ResultCode.NOTADB);
  expect(resultCode(withoutCode("no such table: t"))).toBe(ResultCode.ERROR);
});

test("errors of others have no code", () => {
  expect(resultCode(new Error("database is locked"))).toBeUndefined();
  expect(resultCode(Object.assign(new Error("x"), { code: "ENOENT" }))).toBeUndefined();
  expect(resultCode(undefined)).toBeUndefined();
});
