import type { StorageAdapter } from "../keyv-like.ts";
import { type AdapterModule, ANSWER_MS, type Backend, CLOSE_MS, CONNECT_MS, TABLE } from "./backend.ts";
import { atMost } from "./sockets.ts";

type Adapter = new (
  options: object,
) => StorageAdapter & {
  /** Never settles if the connection fails. */
  readonly connect: Promise<unknown>;
  on(event: "error", listener: (error: unknown) => void): unknown;
  disconnect(): Promise<void>;
};

/** Over `@keyv/mongo` 3, without GridFS: MongoDB refuses values of more than 16 MB. */
export const mongodb: Backend = {
  packages: ["keyv@5", "@keyv/mongo@3"],
  address: "://<host>/<database>",
  lists: true,
  connect({ path, requireBeside }, url) {
    const { default: KeyvMongo } = requireBeside(path) as AdapterModule<Adapter>;
    const adapter = new KeyvMongo({
      url,
      collection: TABLE,
      connectTimeoutMS: CONNECT_MS,
      serverSelectionTimeoutMS: CONNECT_MS,
      socketTimeoutMS: ANSWER_MS,
    });
    const failed = new Promise<never>((_, reject) => void adapter.on("error", reject));
    failed.catch(() => {});
    return {
      adapter,
      ready: Promise.race([adapter.connect, failed]),
      end: () => atMost(CLOSE_MS, adapter.disconnect()),
    };
  },
};
