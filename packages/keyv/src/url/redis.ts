import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, type Backend, CONNECT_MS, NAMESPACE } from "./backend.ts";

type Adapter = new (
  connect: object,
  options: object,
) => StorageAdapter & {
  readonly client: { on(event: "connect", listener: () => void): unknown; unref(): void };
  getClient(): Promise<unknown>;
  disconnect(byForce: boolean): Promise<void>;
};

const LONGEST_PAUSE_MS = 2_000;

/** Over `@keyv/redis` 5 and 6. */
export const redis: Backend = {
  packages: ["keyv@5", "@keyv/redis@5"],
  address: "://<host>",
  lists: true,
  connect({ path, requireBeside }, url) {
    const { default: KeyvRedis } = requireBeside(path) as AdapterModule<Adapter>;
    let hasConnected = false;
    const adapter = new KeyvRedis(
      {
        url: url.replace(/^keyv\+/i, ""),
        // Calls fail at once while the connection is lost, instead of waiting until it is back.
        disableOfflineQueue: true,
        socket: {
          connectTimeout: CONNECT_MS,
          // The first attempt fails if the server is down: the store makes another with the next call.
          reconnectStrategy: (attempts: number) => hasConnected && Math.min(attempts * 100, LONGEST_PAUSE_MS),
        },
      },
      { namespace: NAMESPACE, throwOnErrors: true },
    );
    const ready = adapter.getClient().then(() => {
      hasConnected = true;
    });
    return {
      adapter,
      ready,
      end() {
        // A socket that is still being opened outlasts this, and would keep the process alive.
        adapter.client.on("connect", () => adapter.client.unref());
        // Without force it would wait for a server that no longer answers.
        return adapter.disconnect(true);
      },
    };
  },
};
