import type { createClient, RedisClientType } from "@redis/client";

/** One connection, from the first attempt to its end. It does not keep the process alive, and is not made again. */
export interface Connection {
  /** Rejects where no connection came about. */
  readonly connected: Promise<RedisClientType>;
  readonly isOpen: boolean;
  /** Rejects what is under way. */
  destroy(): void;
  /** Lets what is under way be answered. */
  close(): void;
}

/**
 * Settings of a socket that is not connected again: a client that reconnects by itself does not know its socket meanwhile,
 * and could not be cut. An object for each client, since a client writes the host that it connects to into it.
 */
export const noReconnect = (): { readonly reconnectStrategy: false } => ({ reconnectStrategy: false });

/** Connects a client that is new and made with `onceOnly()`. */
export function connect(client: ReturnType<typeof createClient>): Connection {
  client.on("error", ignoreErrorEvent);
  client.unref();
  let hasSocket = false;
  client.once("connect", () => {
    hasSocket = true;
  });
  const connected = client.connect().catch((cause) => {
    throw new Error(`no connection: ${messageOf(cause)}`, { cause });
  });

  function destroyIfOpen(): void {
    if (client.isOpen) client.destroy();
  }
  return {
    connected: connected as Promise<RedisClientType>,
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

/** Whoever waits is told by a rejection; but an event to which nobody listens can end the process. */
export function ignoreErrorEvent(): void {}

/** Of several addresses that were tried in vain, Node gives an error without a message. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
