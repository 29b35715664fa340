import { checkCount, checkOptions, RememError } from "@remem/core/plugin";
import { hasKeyPrefix, isRedisClient, type RedisClient } from "./redis-client.ts";

/** The options of `redisStore`. */
export interface RedisStoreOptions {
  /**
   * `redis://[[user]:password@]host[:port][/database]`, or `rediss:` for TLS. `redis://localhost:6379` by default. The
   * store opens one connection, plus one while it waits for calls of other processes, and closes both.
   */
  readonly url?: string | undefined;
  /**
   * Instead of `url`: a connected client, cluster or sentinel of `redis` or `@redis/client`, version 5 or 6, without a
   * `keyPrefix`. The store does not close it; reconnecting is up to the client's own options.
   */
  readonly client?: RedisClient | undefined;
  /** The prefix of all keys in Redis, without braces. `remem:` by default. */
  readonly prefix?: string | undefined;
  /**
   * The timeout of one operation in milliseconds, including connecting. 1,000 by default. On a cluster or sentinel,
   * operations whose master is down are retried for up to 4 s per outage.
   */
  readonly timeoutMs?: number | undefined;
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
  if (url !== undefined && client !== undefined) throw invalidOption("pass either `url` or `client`, not both.");
  if (url !== undefined && !isRedisUrl(url)) {
    throw invalidOption(
      "`url` must be redis://[[user]:password@]host[:port][/database], percent-encoded, or rediss:// for TLS.",
    );
  }
  if (client !== undefined && !isRedisClient(client)) {
    throw invalidOption("`client` must be a client, cluster or sentinel of redis or @redis/client, version 5 or 6.");
  }
  if (client !== undefined && hasKeyPrefix(client)) {
    throw invalidOption("a `client` with a `keyPrefix` cannot list its keys. Pass `prefix` to the store instead.");
  }
  if (prefix !== undefined && (typeof prefix !== "string" || /[{}]/.test(prefix))) {
    throw invalidOption("`prefix` must be a string without braces, which mark hash tags in Redis Cluster.");
  }
}

function invalidOption(problem: string): RememError {
  return new RememError("INVALID_OPTION", `redisStore: ${problem}`);
}

/** Whether a Redis client accepts the URL. https://www.iana.org/assignments/uri-schemes/prov/redis */
function isRedisUrl(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol)) return false;
  const { username, password, pathname, search, hash } = parsed;
  return /^\/?\d*$/.test(pathname) && search === "" && hash === "" && [username, password].every(isEncoded);
}

/** The URL without user, password and query, for errors. */
export function displayUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** The password that the client sends; "" if the URL has none. */
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
