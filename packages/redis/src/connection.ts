import { dial, type Line, onceOnly, told } from "./line.ts";
import { reasonOf } from "./reason.ts";
import type { AnyClient, RedisClient } from "./redis-client.ts";

type Library = typeof import("@redis/client");
type ClientOptions = Parameters<Library["createClient"]>[0];

/**
 * RESP 2, which any server and proxy speaks without being asked. The client has a time limit of its own, which would cost
 * each command more than all that is done here.
 */
const settings = (url: string): ClientOptions => ({
  url,
  RESP: 2,
  commandOptions: { timeout: 0 },
  disableOfflineQueue: true,
  socket: onceOnly(),
});

/** The way to Redis, made when it is first used. */
export interface Connection {
  /** Whether what it is made with is loaded; before that it cannot be used. */
  readonly isLoaded: boolean;
  load(): Promise<void>;
  use<T>(work: (redis: AnyClient) => Promise<T>): Promise<T>;
  /** Gives up what does not answer; the next use makes it anew. */
  drop(): void;
}

/** One that is ours. It does not keep the process alive, and is made again by the use that finds it broken. */
export function ownConnection(url: string): Connection {
  let library: Library | undefined;
  let line: Line | undefined;
  return {
    get isLoaded() {
      return library !== undefined;
    },
    async load() {
      library = await import("@redis/client");
    },
    async use(work) {
      if (!line?.isOpen) line = dial(library!.createClient(settings(url)));
      const mine = line;
      const redis = await mine.connected;
      try {
        return await work(redis);
      } catch (cause) {
        // What was a master is a replica now, and where it was there may be another master.
        if (reasonOf(cause).startsWith("READONLY")) mine.leave();
        else if (!mine.isOpen) throw new Error("the connection was lost", { cause });
        throw cause;
      }
    },
    drop() {
      line?.cut();
      line = undefined;
    },
  };
}

/** One that somebody else opens, keeps up and closes. */
export function givenConnection(client: RedisClient): Connection {
  let redis: AnyClient | undefined;
  return {
    isLoaded: true,
    async load() {},
    async use(work) {
      if (!client.isOpen) throw new Error("its `client` is not connected: await client.connect() before");
      // Texts, whatever types its owner has chosen.
      redis ??= (client.withTypeMapping({}) as AnyClient).on("error", told);
      return work(redis);
    },
    drop() {},
  };
}
