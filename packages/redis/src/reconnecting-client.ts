import type { RedisClusterType } from "@redis/client";
import { StoreError } from "@remem/core";
import { type Connection, connect, ignoreErrorEvent, messageOf, noReconnect } from "./connection.ts";
import { type AnyClient, isCluster, isSentinel, masterOf, type RedisClient, rediscover } from "./redis-client.ts";

type Library = typeof import("@redis/client");
type ClientOptions = Parameters<Library["createClient"]>[0];

/**
 * RESP 2, which any server and proxy speaks without being asked. The client has a time limit of its own, which would cost
 * each command more than all that is done here.
 */
const clientOptions = (url: string): ClientOptions => ({
  url,
  RESP: 2,
  commandOptions: { timeout: 0 },
  disableOfflineQueue: true,
  socket: noReconnect(),
});

/** The way to Redis, made when it is first used. */
export interface ReconnectingClient {
  /** Whether what it is made with is loaded; before that it cannot be used. */
  readonly isLoaded: boolean;
  /** Whether another server takes the place of one that is gone. */
  readonly failsOver: boolean;
  load(): Promise<void>;
  /** The node that answers for a place; "" where there is one for all. */
  nodeOf(redisKey: string): string;
  /** Rejects at once where the node that answers for the place is known to be away. */
  use<T>(work: (redis: AnyClient) => Promise<T>, redisKey?: string): Promise<T>;
  /** Gives up what does not answer; the next use makes it anew. */
  drop(): void;
}

/** One that is ours. It does not keep the process alive, and is made again by the use that finds it broken. */
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
      const redis = await current.connected;
      try {
        return await work(redis);
      } catch (cause) {
        // What was a master is a replica now, and where it was there may be another master.
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

/** One that somebody else opens, keeps up and closes. */
export function givenClient(client: RedisClient): ReconnectingClient {
  const given = client as AnyClient;
  const cluster = isCluster(given) ? given : undefined;
  let redis: AnyClient | undefined;

  /** The client would keep a command for a node that is away, and send it later, when nobody wants it any more. */
  function checkNode(cluster: RedisClusterType, redisKey: string): void {
    const master = masterOf(cluster, redisKey);
    if (master?.client === undefined || master.client.isReady) return;
    rediscover(cluster).catch(ignoreErrorEvent);
    throw new Error(`no connection to the node ${master.address}`);
  }
  return {
    isLoaded: true,
    failsOver: cluster !== undefined || isSentinel(given),
    async load() {},
    nodeOf: (redisKey) => (cluster && masterOf(cluster, redisKey)?.address) ?? "",
    async use(work, redisKey) {
      if (!client.isOpen) throw notConnected();
      if (cluster !== undefined && redisKey !== undefined) checkNode(cluster, redisKey);
      // Texts, whatever types its owner has chosen.
      redis ??= (client.withTypeMapping({}) as AnyClient).on("error", ignoreErrorEvent);
      return work(redis);
    },
    drop() {},
  };
}

function notConnected(): StoreError {
  return new StoreError("its `client` is not connected: await client.connect() before", { store: "redis" });
}
