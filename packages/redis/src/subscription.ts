import type { RedisClientType } from "@redis/client";
import { connect, noReconnect } from "./connection.ts";
import { type AnyClient, isCluster, isSentinel } from "./redis-client.ts";

export interface Subscription {
  /** False after a failure; subscribe again then. */
  readonly isOpen: boolean;
  close(): void;
}

export interface SubscriptionListener {
  /** Called as soon as no further message can be missed. */
  onSubscribed(): void;
  onMessage(text: string): void;
}

/** Subscribes over a separate connection that does not keep the process alive. If it fails, no messages are received. */
export function subscribe(redis: AnyClient, channel: string, listener: SubscriptionListener): Subscription {
  const client = redis as RedisClientType; // Only members that all kinds of clients have are used.
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

  /** Clusters and sentinels maintain a connection for subscriptions themselves. */
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
