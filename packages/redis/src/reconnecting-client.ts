import type { RedisClusterType } from "@redis/client";
import { messageOf, StoreError } from "@remem/core/plugin";
import { type Connection, connect, ignoreErrorEvent, noReconnect } from "./connection.ts";
import { type AnyClient, isCluster, isSentinel, masterOf, type RedisClient, rediscover } from "./redis-client.ts";

type Library = typeof import("@redis/client");
type ClientOptions = Parameters<Library["createClient"]>[0];

/**
 * RESP 2 needs no `HELLO`, which not every server and proxy supports. The client's own timeout is off: it would cost more
 * per command than everything done here.
 */
const clientOptions = (url: string): ClientOptions => ({
  url,
  RESP: 2,
  commandOptions: { timeout: 0 },
  disableOfflineQueue: true,
  socket: noReconnect(),
});

/** A client that is connected on first use and reconnects after failures. */
export interface ReconnectingClient {
  /** Whether `load` has completed, which `use` requires. */
  readonly isLoaded: boolean;
  /** Whether a replica takes over from a failed master. */
  readonly failsOver: boolean;
  load(): Promise<void>;
  /** The node that serves a Redis key; "" if a single node serves all of them. */
  nodeOf(redisKey: string): string;
  /** Rejects immediately if the node that serves the Redis key is known to be down. */
  use<T>(work: (redis: AnyClient) => Promise<T>, redisKey?: string): Promise<T>;
  /** Drops an unresponsive connection; the next `use` opens a new one. */
  drop(): void;
}

/** A client of the store's own. It does not keep the process alive; a `use` that finds it broken connects again. */
export function ownClient(url: string): ReconnectingClient {
  let library: Library | undefined;
  let connection: Connection | undefined;
  return {
    get isLoaded() {
      return library !== undefined;
    },
    failsOver: false,
    nodeOf: () => "",
    async load() {
      library = await import("@redis/client");
    },
    async use(work) {
      if (!connection?.isOpen) connection = connect(library!.createClient(clientOptions(url)));
      const current = connection;
      const redis = current.client ?? (await current.connected);
      try {
        return await work(redis);
      } catch (cause) {
        // The master has become a replica; the address may now lead to another master.
        if (messageOf(cause).startsWith("READONLY")) current.close();
        else if (!current.isOpen) throw new Error("the connection was lost", { cause });
        throw cause;
      }
    },
    drop() {
      connection?.destroy();
      connection = undefined;
    },
  };
}

/** A client passed by the user, who connects and closes it. It reconnects by itself. */
export function givenClient(client: RedisClient): ReconnectingClient {
  const given = client as AnyClient;
  const cluster = isCluster(given) ? given : undefined;
  let redis: AnyClient | undefined;

  /** The client would queue a command for a node that is down, and send it when no caller waits for it any more. */
  function checkNode(cluster: RedisClusterType, redisKey: string): void {
    const master = masterOf(cluster, redisKey);
    if (master?.client === undefined || master.client.isReady) return;
    rediscover(cluster).catch(ignoreErrorEvent);
    throw new Error(`not connected to the node ${master.address}`);
  }
  return {
    isLoaded: true,
    failsOver: cluster !== undefined || isSentinel(given),
    async load() {},
    nodeOf: (redisKey) => (cluster && masterOf(cluster, redisKey)?.address) ?? "",
    async use(work, redisKey) {
      if (!client.isOpen) throw notConnected();
      if (cluster !== undefined && redisKey !== undefined) checkNode(cluster, redisKey);
      // Replies are strings, even if the owner has configured other types.
      redis ??= (client.withTypeMapping({}) as AnyClient).on("error", ignoreErrorEvent);
      return work(redis);
    },
    drop() {},
  };
}

function notConnected(): StoreError {
  return new StoreError("its `client` is not connected; await client.connect() first", { store: "redis" });
}
