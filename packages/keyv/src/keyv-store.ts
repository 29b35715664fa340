import type { CacheStore } from "@remem/core/plugin";
import { adapterStore } from "./adapter-store.ts";
import { adapterOf, type KeyvLike } from "./keyv-like.ts";

/**
 * Makes the storage adapter of a Keyv, 5.6 or 6.1, a store in the Keyv's namespace. The store takes over the Keyv: it
 * listens to its errors, and `close` disconnects it. Give the Keyv its own adapter and a namespace; without one, `clear`
 * empties the whole adapter. `ifAbsent` reads before it writes; of two concurrent writers, the later one wins.
 *
 * The store bypasses the Keyv's methods, which turn failures into misses (Keyv 5 unless `throwOnErrors`, Keyv 6 if its
 * `error` event has a listener) and wrap values, which are already JSON, in JSON again. Therefore the Keyv's hooks,
 * statistics and serialization do not apply, and `keyv.get` cannot read the values.
 * @throws {RememError} with code `INVALID_OPTION` if `keyv` is not a Keyv, or has `ttl`, `compression` or `encryption`,
 * which would have no effect
 */
export function keyvStore(keyv: KeyvLike): CacheStore {
  const adapter = adapterOf(keyv);
  // Keyv 6 throws errors without a listener: a connection lost between two calls would end the process.
  keyv.on("error", () => {});
  return adapterStore({
    name: "keyv",
    adapter,
    // Keyv 5 prefixes the keys with the namespace; the adapters of Keyv 6 do so themselves.
    prefix: keyv.useKeyPrefix && keyv.namespace ? `${keyv.namespace}:` : "",
    end: () => keyv.disconnect(),
  });
}
