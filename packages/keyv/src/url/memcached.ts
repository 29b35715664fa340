import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, type Backend, CONNECT_MS, type Connected, NAMESPACE } from "./backend.ts";

interface Memcache extends StorageAdapter {
  on(event: "error", listener: (error: unknown) => void): unknown;
  namespace?: string;
  readonly client: { close(): void };
}
type Adapter = new (servers: string, options: object) => Memcache;

const MONTH_MS = 30 * 86_400_000;

/**
 * Over `@keyv/memcache` 2. Its `clear` would empty the whole server and its `getMany` turns failures into misses, so neither
 * is used.
 */
export const memcached: Backend = {
  packages: ["keyv@5", "@keyv/memcache@2"],
  address: "://<host>",
  lists: false,
  lacks: "It cannot list or clear its entries, and by default keeps none of more than 1 MB.",
  connect({ path, require }, url) {
    const { default: KeyvMemcache } = require(path) as AdapterModule<Adapter>;
    return overReplaceable(() => {
      const { servers, ...login } = addressOf(url);
      const seconds = CONNECT_MS / 1_000;
      const adapter = new KeyvMemcache(servers, {
        ...login,
        timeout: seconds,
        conntimeout: seconds,
        retries: 1,
        logger: { log() {} },
        deserialize: (value: Buffer) => value.toString(),
      });
      adapter.namespace = NAMESPACE;
      adapter.on("error", () => {}); // It also rejects.
      return adapter;
    });
  },
};

/** The driver separates user, password and servers by characters that a password may contain. */
function addressOf(text: string): { readonly servers: string; readonly username?: string; readonly password?: string } {
  const [, login, servers = ""] = /^[a-z]+:\/\/(?:(.*)@)?([^/?]*)/i.exec(text) ?? [];
  if (login === undefined) return { servers };
  const [username = "", ...rest] = login.split(":");
  return { servers, username: decodeURIComponent(username), password: decodeURIComponent(rest.join(":")) };
}

/** After a failure the driver may take the rest of an old answer for the next one. So it is replaced. */
function overReplaceable(create: () => Memcache): Connected {
  let current = create();

  async function run<T>(call: (adapter: Memcache) => T): Promise<Awaited<T>> {
    const used = current;
    try {
      return await call(used);
    } catch (error) {
      const isAnswer = error instanceof Error && error.message.startsWith("MemJS");
      if (!isAnswer && used === current) {
        current = create();
        used.client.close();
      }
      throw error;
    }
  }
  const adapter: StorageAdapter = {
    async get(key) {
      const found = await run((memcache) => memcache.get(key));
      return typeof found === "string" ? found : undefined; // For an unknown key it is an object.
    },
    // A server takes a longer duration for a time, which has passed. The value itself knows when it expires.
    set: (key, value, ttl) => run((memcache) => memcache.set(key, value, ttl && ttl < MONTH_MS ? ttl : undefined)),
    delete: (key) => run((memcache) => memcache.delete(key)),
    clear() {
      throw new Error("memcached can only be emptied as a whole, together with what belongs to others.");
    },
  };
  return { adapter, end: async () => current.client.close() };
}
