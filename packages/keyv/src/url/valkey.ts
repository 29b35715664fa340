import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, ANSWER_MS, type Backend, CONNECT_MS, NAMESPACE } from "./backend.ts";

type Adapter = new (
  options: object,
) => StorageAdapter & {
  namespace?: string;
  on(event: "error", listener: (error: unknown) => void): unknown;
  disconnect(): Promise<void>;
};

/** Over `@keyv/valkey` 1. It lists the keys of a namespace in the set `namespace:<namespace>`. */
export const valkey: Backend = {
  packages: ["keyv@5", "@keyv/valkey@1"],
  address: "://<host>",
  lists: true,
  connect({ path, requireBeside }, url) {
    const { default: KeyvValkey } = requireBeside(path) as AdapterModule<Adapter>;
    const adapter = new KeyvValkey({
      uri: url.replace(/^valkey/i, "redis"), // The driver knows no other scheme.
      family: 0, // By default it connects to IPv4 only.
      connectTimeout: CONNECT_MS,
      commandTimeout: ANSWER_MS,
      maxRetriesPerRequest: 0, // Otherwise a call outlasts twenty attempts to connect.
    });
    adapter.namespace = NAMESPACE;
    let latest: unknown;
    adapter.on("error", (error) => {
      latest = error;
    });
    return {
      adapter,
      prefix: `${NAMESPACE}:`,
      // The driver's own error refers to one of its options.
      explain: (error) => (isExhausted(error) && latest !== undefined ? latest : error),
      end: () => adapter.disconnect(),
    };
  },
};

const isExhausted = (error: unknown): boolean => error instanceof Error && error.name === "MaxRetriesPerRequestError";
