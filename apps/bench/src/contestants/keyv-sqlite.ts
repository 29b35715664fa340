import { join } from "node:path";
import { createKeyv } from "@keyv/sqlite";
import type { Keyv } from "keyv";

/** A Keyv 6 in the type of 5: those who were written for 5 take it for one, by its methods. */
export function keyvSqlite(directory: string): Keyv {
  return createKeyv(`sqlite://${join(directory, "cache.sqlite")}`) as unknown as Keyv;
}
