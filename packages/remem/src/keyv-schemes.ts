const POSTGRES = ["keyv@5", "@keyv/postgres@2"];
const MYSQL = ["keyv@5", "@keyv/mysql@2"];
const MONGODB = ["keyv@5", "@keyv/mongo@3"];
const VALKEY = ["keyv@5", "@keyv/valkey@1"];
const MEMCACHED = ["keyv@5", "@keyv/memcache@2"];
const REDIS = ["keyv@5", "@keyv/redis@5"];
const SQLITE = ["keyv@6", "@keyv/sqlite@6.0.0-beta.4"];

/**
 * The schemes that `@remem/keyv` opens, and the packages that each needs besides. They are listed here, too, because an error
 * has to name them if that package is not installed.
 */
export const KEYV_SCHEMES: Readonly<Record<string, readonly string[]>> = {
  postgres: POSTGRES,
  postgresql: POSTGRES,
  mysql: MYSQL,
  mariadb: MYSQL,
  mongodb: MONGODB,
  "mongodb+srv": MONGODB,
  valkey: VALKEY,
  valkeys: VALKEY,
  memcache: MEMCACHED,
  memcached: MEMCACHED,
  "keyv+redis": REDIS,
  "keyv+rediss": REDIS,
  "keyv+sqlite": SQLITE,
};
