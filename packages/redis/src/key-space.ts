/** Where the values of one prefix, and the leads of their flights, lie in Redis. */
export interface KeySpace {
  value(key: string): string;
  /** The key whose place it is. */
  keyOf(redisKey: string): string;
  /** Matches the places of values and no others, as `SCAN` understands it. */
  readonly valuePattern: string;
  /** Where the token lies of the process that leads this key's flight. */
  lease(key: string): string;
  /** The channel that tells the places of leads that were given up. */
  readonly releaseChannel: string;
}

/**
 * `<prefix>v1:{<key>}:v`, and `:l` for the lead. The braces are the hash tag of Redis Cluster: both lie on one node. So the
 * prefix must be without braces.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function createKeySpace(prefix: string): KeySpace {
  const before = `${prefix}v1:{`;
  const after = "}:v";
  return {
    value: (key) => before + toStoredText(key) + after,
    keyOf: (redisKey) => fromStoredText(redisKey.slice(before.length, -after.length)),
    valuePattern: `${before.replaceAll(/[\\*?[\]]/g, "\\$&")}*${after}`,
    lease: (key) => `${before}${toStoredText(key)}}:l`,
    releaseChannel: `${prefix}v1:releases`,
  };
}

const QUOTE = '"';

/**
 * How a string lies in Redis. UTF-8 has no lone surrogates: a string with one of them is kept as its JSON, and so is one
 * that begins like JSON, lest two strings have one text.
 */
export function toStoredText(text: string): string {
  const isPlain = text.isWellFormed() && !text.startsWith(QUOTE);
  return isPlain ? text : JSON.stringify(text);
}

export function fromStoredText(stored: string): string {
  return stored.startsWith(QUOTE) ? (JSON.parse(stored) as string) : stored;
}
