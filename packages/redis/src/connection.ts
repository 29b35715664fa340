import type { createClient, RedisClientType } from "@redis/client";
import { messageOf } from "@remem/core/plugin";

/** A single connection, which never reconnects and does not keep the process alive. */
export interface Connection {
  /** Rejects if the connection cannot be established. */
  readonly connected: Promise<RedisClientType>;
  /** The client, while it is connected. */
  readonly client: RedisClientType | undefined;
  readonly isOpen: boolean;
  /** Rejects pending commands. */
  destroy(): void;
  /** Waits for the replies to pending commands. */
  close(): void;
}

/**
 * Socket options without reconnecting: between two sockets `destroy()` cannot close the one that is being opened. Returns a
 * new object for each client, because a client writes the host it connects to into its options.
 */
export const noReconnect = (): { readonly reconnectStrategy: false } => ({ reconnectStrategy: false });

/** Connects a new client, created with the socket options of `noReconnect()`. */
export function connect(client: ReturnType<typeof createClient>): Connection {
  client.on("error", ignoreErrorEvent);
  client.unref();
  let hasSocket = false;
  client.once("connect", () => {
    hasSocket = true;
  });
  const connected = client.connect().catch((cause) => {
    throw new Error(`connection failed: ${messageOf(cause)}`, { cause });
  });

  function destroyIfOpen(): void {
    if (client.isOpen) client.destroy();
  }
  return {
    connected: connected as Promise<RedisClientType>,
    get client() {
      return client.isReady ? (client as RedisClientType) : undefined;
    },
    get isOpen() {
      return client.isOpen;
    },
    destroy() {
      // The client does not know a socket that is still connecting, and would leave it open.
      if (hasSocket) destroyIfOpen();
      else client.once("connect", destroyIfOpen);
    },
    close: () => void client.close().catch(() => {}),
  };
}

/** Callers learn of errors from rejections, but an `error` event without a listener can end the process. */
export function ignoreErrorEvent(): void {}
