import type { RedisClientType } from "@redis/client";
import { connect, noReconnect } from "./connection.ts";
import { type AnyClient, isCluster, isSentinel } from "./redis-client.ts";

export interface Subscription {
  /** False once it has failed: then another one has to be made. */
  readonly isOpen: boolean;
  close(): void;
}

export interface SubscriptionListener {
  /** Called when nothing that is published from now on is missed. */
  onSubscribed(): void;
  onMessage(text: string): void;
}

/** Over a connection of its own, which keeps no process alive. Where there can be none, nothing is heard. */
export function subscribe(redis: AnyClient, channel: string, listener: SubscriptionListener): Subscription {
  const client = redis as RedisClientType; // What others have in common with it is all that is used of them.
  const onMessage = (text: string): void => listener.onMessage(text);
  const { subscribed, isOpen, close } = isCluster(redis) || isSentinel(redis) ? shareConnection() : openConnection();
  let hasFailed = false;
  subscribed.then(
    () => listener.onSubscribed(),
    () => {
      hasFailed = true;
      close();
    },
  );
  return {
    get isOpen() {
      return !hasFailed && isOpen();
    },
    close,
  };

  /** They keep such a connection by themselves. */
  function shareConnection() {
    return {
      subscribed: client.subscribe(channel, onMessage),
      isOpen: () => client.isOpen,
      close() {
        if (client.isOpen) client.unsubscribe(channel, onMessage).catch(() => {});
      },
    };
  }
  function openConnection() {
    const connection = connect(
      client.duplicate({ disableOfflineQueue: true, socket: { ...client.options?.socket, ...noReconnect() } }),
    );
    return {
      subscribed: connection.connected.then((subscriber) => subscriber.subscribe(channel, onMessage)),
      isOpen: () => connection.isOpen,
      close: connection.destroy,
    };
  }
}
