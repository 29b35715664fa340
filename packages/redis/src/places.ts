import { fromStoredText, toStoredText } from "./stored-text.ts";

/** Where the values of one prefix lie in Redis. */
export interface Places {
  of(key: string): string;
  /** The key whose place it is. */
  keyAt(place: string): string;
  /** Matches these places and no others, as `SCAN` understands it. */
  readonly pattern: string;
}

/**
 * `<prefix>v1:{<key>}:v`. The braces are the hash tag of Redis Cluster: whatever else is kept for a key one day can lie on
 * the node that has its value. So the prefix must be without braces.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function placesUnder(prefix: string): Places {
  const before = `${prefix}v1:{`;
  const after = "}:v";
  return {
    of: (key) => before + toStoredText(key) + after,
    keyAt: (place) => fromStoredText(place.slice(before.length, -after.length)),
    pattern: `${before.replaceAll(/[\\*?[\]]/g, "\\$&")}*${after}`,
  };
}
