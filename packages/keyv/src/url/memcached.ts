import { createTimeout } from "@remem/core/plugin";
import { didNotAnswer } from "../adapter-store.ts";
import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, ANSWER_MS, type Backend, CONNECT_MS, type Connected, NAMESPACE } from "./backend.ts";

interface Memcache extends StorageAdapter {
  on(event: "error", listener: (error: unknown) => void): unknown;
  namespace?: string;
  readonly client: { readonly servers: ReadonlyArray<{ readonly _socket?: { destroy(): void } }> };
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
  lacks: "It cannot list or clear its entries, and by default it keeps no entry of more than 1 MB.",
  connect({ path, requireBeside }, url) {
    const { default: KeyvMemcache } = requireBeside(path) as AdapterModule<Adapter>;
    return overReplaceable(() => {
      const { servers, ...login } = addressOf(url);
      const seconds = (2 * ANSWER_MS) / 1_000; // So long that it never fires: it would leave the socket open.
      const adapter = new KeyvMemcache(servers, {
        ...login,
        timeout: seconds,
        conntimeout: seconds,
        keepAlive: true,
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

/** After a failure the driver may take the rest of an old answer for the next one, so the driver is replaced. */
function overReplaceable(create: () => Memcache): Connected {
  const timeout = createTimeout(CONNECT_MS);
  let current = create();

  async function run<T>(call: (adapter: Memcache) => Promise<T>): Promise<T> {
    const used = current;
    try {
      return await timeout(call(used), didNotAnswer);
    } catch (error) {
      const isAnswer = error instanceof Error && error.message.startsWith("MemJS");
      if (!isAnswer && used === current) {
        current = create();
        destroy(used);
      }
      throw error;
    }
  }
  const adapter: StorageAdapter = {
    async get(key) {
      const found = await run(async (memcache) => memcache.get(key));
      return typeof found === "string" ? found : undefined; // For an unknown key it is an object.
    },
    // A server takes a longer duration for a time in the past. The value itself knows when it expires.
    set: (key, value, ttl) =>
      run(async (memcache) => memcache.set(key, value, ttl && ttl < MONTH_MS ? ttl : undefined)),
    delete: (key) => run(async (memcache) => memcache.delete(key)),
    clear() {
      throw new Error("memcached can only be emptied as a whole, together with what belongs to others.");
    },
  };
  return { adapter, end: async () => destroy(current) };
}

function destroy({ client }: Memcache): void {
  for (const { _socket } of client.servers) _socket?.destroy();
}
