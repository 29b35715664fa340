import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, type Backend, LISTED_AT_ONCE, TABLE } from "./backend.ts";

type Adapter = new (options: object) => StorageAdapter & { disconnect(): Promise<void> };

const BUSY_MS = 10_000;

/** Over `@keyv/sqlite` 6, which uses Node's own SQLite, and 4, which needs the binaries of the package `sqlite3`. */
export const sqlite: Backend = {
  packages: ["keyv@6", "@keyv/sqlite@6.0.0-beta.4"],
  address: "<path>",
  lists: true,
  connect({ path, requireBeside }, url) {
    const { default: KeyvSqlite } = requireBeside(path) as AdapterModule<Adapter>;
    // As in `sqlite:`, an absolute path may be written as sqlite:///path.
    const file = url.replace(/^keyv\+sqlite:(?:\/\/(?=\/))?/i, "");
    const adapter = new KeyvSqlite({
      uri: `sqlite://${file}`,
      table: TABLE,
      iterationLimit: LISTED_AT_ONCE,
      busyTimeout: BUSY_MS,
    });
    return { adapter, end: () => adapter.disconnect() };
  },
};
