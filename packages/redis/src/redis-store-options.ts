import { checkCount, checkOptions, RememError } from "@remem/core";
import { hasKeyPrefix, isRedisClient, type RedisClient } from "./redis-client.ts";

export interface RedisStoreOptions {
  /**
   * `redis://[[user]:password@]host[:port][/database]`, or `rediss:` for TLS. `redis://localhost:6379` by default. The
   * store makes one connection, and another one while it waits for calls of other processes, and closes them.
   */
  readonly url?: string;
  /**
   * Instead of `url`: a client, a cluster or a sentinel of `redis` or `@redis/client`, version 5 or 6, connected. Whoever made
   * it closes it, and has told it how to reconnect. It must have no `keyPrefix`.
   */
  readonly client?: RedisClient;
  /** What all keys in Redis begin with; without braces. `remem:` by default. */
  readonly prefix?: string;
  /**
   * What an operation may take, with connecting, in milliseconds. 1,000 by default. Over a cluster or a sentinel one whose
   * master is away is tried again, for up to 4 s in an outage.
   */
  readonly timeoutMs?: number;
}

const KNOWN = {
  url: true,
  client: true,
  prefix: true,
  timeoutMs: true,
} as const satisfies Record<keyof RedisStoreOptions, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkRedisStoreOptions(options: RedisStoreOptions): void {
  checkOptions("redisStore", options, KNOWN);
  checkCount("redisStore", "timeoutMs", options.timeoutMs);
  const { url, client, prefix } = options;
  if (url !== undefined && client !== undefined) throw invalidOption("`url` and `client` exclude each other.");
  if (url !== undefined && !isRedisUrl(url)) {
    throw invalidOption(
      "`url` must be redis://[[user]:password@]host[:port][/database], percent-encoded, or rediss:// for TLS.",
    );
  }
  if (client !== undefined && !isRedisClient(client)) {
    throw invalidOption(
      "`client` must be a client or a cluster of redis or @redis/client, version 5 or 6, or a sentinel.",
    );
  }
  if (client !== undefined && hasKeyPrefix(client)) {
    throw invalidOption("a `client` with a `keyPrefix` cannot list its keys. Give the store a `prefix` instead.");
  }
  if (prefix !== undefined && (typeof prefix !== "string" || /[{}]/.test(prefix))) {
    throw invalidOption("`prefix` must be a text without braces: they are the mark of Redis Cluster's hash tags.");
  }
}

function invalidOption(problem: string): RememError {
  return new RememError("INVALID_OPTION", `redisStore: ${problem}`);
}

/** What a client of Redis can make something of. https://www.iana.org/assignments/uri-schemes/prov/redis */
export function isRedisUrl(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol)) return false;
  const { username, password, pathname, search, hash } = parsed;
  return /^\/?\d*$/.test(pathname) && search === "" && hash === "" && [username, password].every(isEncoded);
}

/** The part that may be shown. */
export function displayUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** What the client of Redis sends as the password; "" where there is none. */
export function passwordInUrl(url: string): string {
  return decodeURIComponent(new URL(url).password);
}

function isEncoded(text: string): boolean {
  try {
    return typeof decodeURIComponent(text) === "string";
  } catch {
    return false;
  }
}
