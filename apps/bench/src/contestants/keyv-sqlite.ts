import { join } from "node:path";
import { KeyvSqlite } from "@keyv/sqlite";
import type { Keyv } from "keyv";
import { Keyv as Keyv6 } from "keyv-6";

/** A connected Keyv 6, typed as Keyv 5: libraries written for 5 accept it because its methods are the same. */
export async function keyvSqlite(directory: string): Promise<Keyv> {
  const store = new KeyvSqlite(`sqlite://${join(directory, "cache.sqlite")}`);
  await store.ready;
  return new Keyv6({ store }) as unknown as Keyv;
}
