import { connect as connectSocket, type Socket } from "node:net";
import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, type Backend, CONNECT_MS, type LoadedAdapter, TABLE } from "./backend.ts";
import { createSockets } from "./sockets.ts";

type Adapter = new (options: object) => StorageAdapter & { disconnect(): Promise<void> };
interface Connection {
  query(sql: string): Promise<[rows: Array<{ readonly mode: string }>, fields: unknown]>;
  end(): Promise<void>;
  destroy(): void;
}
interface Driver {
  createConnection(options: object): Promise<Connection>;
}

/**
 * The adapter's own column `value` is TEXT, which ends at 64 KiB: depending on its mode the server would refuse longer values
 * or cut them. Its `id` would be compared without regard to case.
 */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${TABLE} (
  id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
  value LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)`;
const MAX_KEY = 255;

/** Over `@keyv/mysql` 2, which also works with MariaDB. */
export const mysql: Backend = {
  packages: ["keyv@5", "@keyv/mysql@2"],
  address: "://<host>/<database>",
  lists: true,
  async connect(loaded, url) {
    const options = optionsOf(url);
    await prepare(loaded.requireBeside("mysql2/promise") as Driver, options);
    const sockets = createSockets();
    const KeyvMysql = loadAnew(loaded);
    const stream = ({ config }: { readonly config: Address }): Socket => sockets.add(openSocket(config));
    const adapter = new KeyvMysql({ uri: "mysql://localhost", table: TABLE, ...options, stream });
    const { set } = adapter;
    // A server that is not in strict mode would cut the key, and answer with the value of another.
    adapter.set = async (key, value) => {
      if (key.length > MAX_KEY) throw new Error(`the key is longer than ${MAX_KEY} characters.`);
      return set.call(adapter, key, value);
    };
    return {
      adapter,
      async end() {
        await adapter.disconnect();
        await sockets.closed();
      },
    };
  },
};

interface Address {
  readonly port: number;
  readonly host: string;
}

const openSocket = ({ port, host }: Address): Socket => connectSocket({ port, host, keepAlive: true, noDelay: true });

/** The adapter itself ignores what follows `?`, and so would connect without TLS. */
function optionsOf(text: string): object {
  const url = new URL(text.replace(/^[a-z]+:/i, "mysql:").replaceAll("#", "%23"));
  for (const name of url.searchParams.keys()) {
    if (name !== "ssl") throw new Error(`the URL's parameter \`${name}\` is unknown. There is only \`ssl\`.`);
  }
  const ssl: unknown = JSON.parse(url.searchParams.get("ssl") ?? "false");
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    connectTimeout: CONNECT_MS,
    ...(ssl !== false && { ssl: ssl === true ? {} : ssl }),
  };
}

async function prepare(driver: Driver, options: object): Promise<void> {
  const connection = await driver.createConnection(options);
  try {
    const [[row]] = await connection.query("SELECT @@sql_mode AS mode");
    if (row?.mode.includes("NO_BACKSLASH_ESCAPES")) {
      throw new Error(
        "the server's sql_mode contains NO_BACKSLASH_ESCAPES, with which @keyv/mysql writes wrong values.",
      );
    }
    await connection.query(CREATE_TABLE);
  } finally {
    connection.destroy();
  }
}

/** The module keeps one pool, which the first store to close would end for all. So each adapter gets a module of its own. */
function loadAnew({ path, requireBeside }: LoadedAdapter): Adapter {
  delete requireBeside.cache[path];
  return (requireBeside(path) as AdapterModule<Adapter>).default;
}
