import type KeyvRedis from "@keyv/redis";
import { dial, type Line, onceOnly, told } from "./line.ts";
import { reasonOf } from "./reason.ts";
import type { RedisClient } from "./redis-client.ts";

export type Library = typeof import("@keyv/redis");
export type Adapter = KeyvRedis<string>;

/** The way to Redis, made when it is first used. */
export interface Connection {
  use<T>(library: Library, work: (redis: Adapter) => Promise<T>): Promise<T>;
  /** Gives up what does not answer; the next use makes it anew. */
  drop(): void;
}

/** One that is ours. It does not keep the process alive, and is made again by the use that finds it broken. */
export function ownConnection(url: string): Connection {
  let line: Line | undefined;
  let adapter: Promise<Adapter>;
  return {
    async use(library, work) {
      if (!line?.isOpen) {
        line = dial(library.createClient({ url, disableOfflineQueue: true, socket: onceOnly }));
        adapter = line.connected.then((client) => adapterOver(library, client));
      }
      const mine = line;
      const redis = await adapter;
      // The adapter itself would connect again, behind our back.
      if (!mine.isOpen) throw lost();
      try {
        return await work(redis);
      } catch (cause) {
        // What was a master is a replica now, and where it was there may be another master.
        if (reasonOf(cause).startsWith("READONLY")) mine.leave();
        else if (!mine.isOpen) throw lost(cause);
        throw cause;
      }
    },
    drop() {
      line?.cut();
      line = undefined;
    },
  };
}

function lost(cause?: unknown): Error {
  return new Error("the connection was lost", { cause });
}

/** One that somebody else opens, keeps up and closes. */
export function givenConnection(client: RedisClient): Connection {
  let adapter: Adapter | undefined;
  return {
    async use(library, work) {
      if (!client.isOpen) throw new Error("its `client` is not connected: await client.connect() before");
      adapter ??= adapterOver(library, client.withTypeMapping({})); // Texts, whatever types its owner has chosen.
      return work(adapter);
    },
    drop() {},
  };
}

function adapterOver({ default: KeyvRedis }: Library, client: unknown): Adapter {
  const adapter = new KeyvRedis<string>(client as Adapter["client"], { throwOnErrors: true });
  return adapter.on("error", told) as Adapter;
}
