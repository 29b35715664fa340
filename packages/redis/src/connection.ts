import type KeyvRedis from "@keyv/redis";
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

interface Line {
  readonly isOpen: boolean;
  readonly adapter: Promise<Adapter>;
  /** Rejects what is under way. */
  cut(): void;
  /** Lets what is under way be answered. */
  leave(): void;
}

/** One that is ours. It does not keep the process alive, and is made again by the use that finds it broken. */
export function ownConnection(url: string): Connection {
  let current: Line | undefined;
  return {
    async use(library, work) {
      if (!current?.isOpen) current = dial(library, url);
      const line = current;
      const redis = await line.adapter;
      // The adapter itself would connect again, behind our back.
      if (!line.isOpen) throw lost();
      try {
        return await work(redis);
      } catch (cause) {
        // What was a master is a replica now, and where it was there may be another master.
        if (reasonOf(cause).startsWith("READONLY")) line.leave();
        else if (!line.isOpen) throw lost(cause);
        throw cause;
      }
    },
    drop() {
      current?.cut();
      current = undefined;
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

/** Whoever waits is told by a rejection; but an event to which nobody listens can end the process. */
function told(): void {}

function dial(library: Library, url: string): Line {
  const client = library.createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false } });
  client.on("error", told);
  client.unref();
  let hasSocket = false;
  client.once("connect", () => {
    hasSocket = true;
  });
  const adapter = client.connect().then(
    () => adapterOver(library, client),
    (cause) => {
      throw new Error(`no connection: ${reasonOf(cause)}`, { cause });
    },
  );

  function destroy(): void {
    if (client.isOpen) client.destroy();
  }
  return {
    adapter,
    get isOpen() {
      return client.isOpen;
    },
    cut() {
      // The client does not know a socket that is still connecting, and would leave it open.
      if (hasSocket) destroy();
      else client.once("connect", destroy);
    },
    leave: () => void client.close().catch(() => {}),
  };
}
