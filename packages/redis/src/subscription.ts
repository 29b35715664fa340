import type { RedisClientType } from "@redis/client";
import { dial, onceOnly } from "./connection.ts";
import { type AnyClient, isCluster, isSentinel } from "./redis-client.ts";

export interface Subscription {
  /** False once it has failed: then another one has to be made. */
  readonly isOpen: boolean;
  end(): void;
}

export interface Hearing {
  /** Called when nothing that is published from now on is missed. */
  begins(): void;
  message(text: string): void;
}

/** Over a connection of its own, which keeps no process alive. Where there can be none, nothing is heard. */
export function subscribe(redis: AnyClient, channel: string, hearing: Hearing): Subscription {
  const client = redis as RedisClientType; // What others have in common with it is all that is used of them.
  const hear = (text: string): void => hearing.message(text);
  const { begun, isOpen, end } = isCluster(redis) || isSentinel(redis) ? join() : open();
  let hasFailed = false;
  begun.then(
    () => hearing.begins(),
    () => {
      hasFailed = true;
      end();
    },
  );
  return {
    get isOpen() {
      return !hasFailed && isOpen();
    },
    end,
  };

  /** They keep such a connection by themselves. */
  function join() {
    return {
      begun: client.subscribe(channel, hear),
      isOpen: () => client.isOpen,
      end() {
        if (client.isOpen) client.unsubscribe(channel, hear).catch(() => {});
      },
    };
  }
  function open() {
    const line = dial(
      client.duplicate({ disableOfflineQueue: true, socket: { ...client.options?.socket, ...onceOnly() } }),
    );
    return {
      begun: line.connected.then((subscriber) => subscriber.subscribe(channel, hear)),
      isOpen: () => line.isOpen,
      end: line.cut,
    };
  }
}
