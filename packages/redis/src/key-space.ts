/** The Redis keys of one prefix. */
export interface KeySpace {
  /** The Redis key of a value. */
  value(key: string): string;
  /** The Redis key of the sidecar of a value. */
  sidecar(key: string): string;
  /** The inverse of `value`. */
  keyOf(redisKey: string): string;
  /** A `SCAN` pattern that matches exactly the Redis keys of values. */
  readonly valuePattern: string;
  /** A `SCAN` pattern that matches exactly the Redis keys of values and sidecars. */
  readonly entryPattern: string;
  /** The Redis key of the lease, which holds the token of the leader. */
  lease(key: string): string;
  /** The channel on which leaders publish the Redis keys of leases they release. */
  readonly releaseChannel: string;
}

/**
 * `<prefix>v1:{<key>}:v` for values, `:s` for sidecars and `:l` for leases. The braces are a Redis Cluster hash tag, which
 * puts all three on one node; therefore the prefix must not contain braces.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function createKeySpace(prefix: string): KeySpace {
  const before = `${prefix}v1:{`;
  const after = "}:v";
  const pattern = `${before.replaceAll(/[\\*?[\]]/g, "\\$&")}*`;
  return {
    value: (key) => before + toStoredText(key) + after,
    sidecar: (key) => `${before}${toStoredText(key)}}:s`,
    keyOf: (redisKey) => fromStoredText(redisKey.slice(before.length, -after.length)),
    valuePattern: `${pattern}}:v`,
    entryPattern: `${pattern}}:[vs]`,
    lease: (key) => `${before}${toStoredText(key)}}:l`,
    releaseChannel: `${prefix}v1:releases`,
  };
}

const QUOTE = '"';

/**
 * Encodes a string for Redis. UTF-8 has no lone surrogates, so strings that contain one are stored as JSON; so are strings
 * that begin with a quotation mark, to keep the encoding unambiguous.
 */
export function toStoredText(text: string): string {
  const isPlain = text.isWellFormed() && !text.startsWith(QUOTE);
  return isPlain ? text : JSON.stringify(text);
}

export function fromStoredText(stored: string): string {
  return stored.startsWith(QUOTE) ? (JSON.parse(stored) as string) : stored;
}
