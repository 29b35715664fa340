import { Socket } from "node:net";
import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, ANSWER_MS, type Backend, CLOSE_MS, CONNECT_MS, LISTED_AT_ONCE, TABLE } from "./backend.ts";
import { atMost, createSockets } from "./sockets.ts";

type Query = (sql: string, values?: unknown) => Promise<unknown[]>;
type Adapter = new (options: object) => StorageAdapter & { connect(): Promise<Query> };
interface Pool {
  query(sql: string, values?: unknown): Promise<{ readonly rows: unknown[] }>;
  on(event: "error", listener: () => void): unknown;
  end(): Promise<void>;
}

/**
 * Over `@keyv/postgres` 2 and 6. Both take a pool from their module, which the first store to close would end for all, and
 * whose `error` event, emitted when an idle connection is lost, would end the process. So each adapter gets a pool of its own.
 */
export const postgres: Backend = {
  packages: ["keyv@5", "@keyv/postgres@2"],
  address: "://<host>/<database>",
  lists: true,
  connect({ path, requireBeside }, url) {
    const { Pool } = requireBeside("pg") as { readonly Pool: new (options: object) => Pool };
    const { default: KeyvPostgres } = requireBeside(path) as AdapterModule<Adapter>;
    const sockets = createSockets();
    const pool = new Pool({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      stream: () => sockets.add(new Socket()),
    });
    pool.on("error", () => {}); // The next call takes another connection.

    class OverOwnPool extends KeyvPostgres {
      override async connect(): Promise<Query> {
        return async (sql, values) => (await pool.query(sql, values)).rows;
      }
    }
    return {
      adapter: new OverOwnPool({ uri: url, table: TABLE, iterationLimit: LISTED_AT_ONCE }),
      async end() {
        await atMost(CLOSE_MS, pool.end());
        await sockets.closed();
      },
    };
  },
};
