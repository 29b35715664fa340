import { connect as connectSocket, type Socket } from "node:net";
import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, type Backend, CONNECT_MS, LISTED_AT_ONCE, type LoadedAdapter, TABLE } from "./backend.ts";
import { createSockets } from "./sockets.ts";

type Adapter = new (
  options: object,
) => StorageAdapter & { readonly opts: { iterationLimit?: number }; disconnect(): Promise<void> };
interface Settings {
  readonly mode: string;
  /** The longest statement in bytes. */
  readonly longest: number;
}
interface Connection {
  query(sql: string): Promise<[rows: Settings[], fields: unknown]>;
  destroy(): void;
}
interface Driver {
  createConnection(options: object): Promise<Connection>;
  escape(text: string): string;
}

/**
 * The adapter's own column `value` is TEXT, which ends at 64 KiB: depending on its mode the server would refuse longer values
 * or cut them. Its `id` would be compared without regard to case.
 */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${TABLE} (
  id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
  value LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)`;
const MAX_KEY = 255;
/** The maximum size of the statement that stores a value, without the value. */
const STATEMENT_BYTES = 1_024;
/** The maximum size of a UTF-16 unit in a statement, in bytes. */
const MOST_BYTES = 3;

/** Over `@keyv/mysql` 2, which also works with MariaDB. */
export const mysql: Backend = {
  packages: ["keyv@5", "@keyv/mysql@2"],
  address: "://<host>/<database>",
  lists: true,
  async connect(loaded, url) {
    const options = optionsOf(url);
    const driver = loaded.requireBeside("mysql2/promise") as Driver;
    const longest = await prepare(driver, options);
    const sockets = createSockets();
    const KeyvMysql = loadAnew(loaded);
    const stream = ({ config }: { readonly config: Address }): Socket => sockets.add(openSocket(config));
    const adapter = new KeyvMysql({
      uri: "mysql://localhost",
      table: TABLE,
      ...options,
      stream,
    });
    adapter.opts.iterationLimit = LISTED_AT_ONCE; // The driver would get an option, too, and complain on the console.
    const { set } = adapter;
    adapter.set = async (key, value) => {
      // A server that is not in strict mode would cut the key, and answer with the value of another.
      if (key.length > MAX_KEY) throw new Error(`the key is longer than ${MAX_KEY} characters.`);
      // The server would close the connection, and with it fail other calls. The statement contains the value twice.
      const isLarge = value.length * MOST_BYTES * 2 > longest;
      const bytes = isLarge ? Buffer.byteLength(driver.escape(value)) * 2 + STATEMENT_BYTES : 0;
      if (bytes > longest) {
        throw new Error(
          `the value needs a statement of ${bytes} bytes, and the server's max_allowed_packet is ${longest}.`,
        );
      }
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

/** The adapter itself ignores the query, and so would connect without TLS. */
function optionsOf(text: string): object {
  const url = new URL(text.replace(/^[a-z]+:/i, "mysql:").replaceAll("#", "%23"));
  for (const name of url.searchParams.keys()) {
    if (name !== "ssl") throw new Error(`the URL's parameter \`${name}\` is unknown. There is only \`ssl\`.`);
  }
  const ssl = tlsOptions(url.searchParams.get("ssl") ?? "false");
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

function tlsOptions(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("the URL's parameter `ssl` must be `true`, or the TLS options of mysql2 as JSON.");
  }
}

/** Creates the table, and returns how many bytes a statement may have. */
async function prepare(driver: Driver, options: object): Promise<number> {
  const connection = await driver.createConnection(options);
  try {
    const [[settings]] = await connection.query("SELECT @@sql_mode AS mode, @@max_allowed_packet AS longest");
    if (settings?.mode.includes("NO_BACKSLASH_ESCAPES")) {
      throw new Error(
        "the server's sql_mode contains NO_BACKSLASH_ESCAPES, with which @keyv/mysql writes wrong values.",
      );
    }
    await connection.query(CREATE_TABLE);
    return settings!.longest;
  } finally {
    connection.destroy();
  }
}

/** The module keeps one pool, which the first store to close would end for all. So each adapter gets a module of its own. */
function loadAnew({ path, requireBeside }: LoadedAdapter): Adapter {
  delete requireBeside.cache[path];
  return (requireBeside(path) as AdapterModule<Adapter>).default;
}
