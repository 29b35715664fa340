import type { Backend } from "./backend.ts";
import { memcached } from "./memcached.ts";
import { mongodb } from "./mongodb.ts";
import { mysql } from "./mysql.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import { sqlite } from "./sqlite.ts";
import { valkey } from "./valkey.ts";

/** The schemes of URLs, and the backends that open them. */
export const SCHEMES: Readonly<Record<string, Backend>> = {
  postgres,
  postgresql: postgres,
  mysql,
  mariadb: mysql,
  mongodb,
  "mongodb+srv": mongodb,
  valkey,
  valkeys: valkey,
  memcache: memcached,
  memcached,
  "keyv+redis": redis,
  "keyv+rediss": redis,
  "keyv+sqlite": sqlite,
};
