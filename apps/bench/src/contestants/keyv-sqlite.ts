import { join } from "node:path";
import { KeyvSqlite } from "@keyv/sqlite";
import type { Keyv } from "keyv";
import { Keyv as Keyv6 } from "keyv-6";

/** Connected. A Keyv 6 in the type of 5: those who were written for 5 take it for one, by its methods. */
export async function keyvSqlite(directory: string): Promise<Keyv> {
  const store = new KeyvSqlite(`sqlite://${join(directory, "cache.sqlite")}`);
  await store.ready;
  return new Keyv6({ store }) as unknown as Keyv;
}
