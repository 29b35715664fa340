import type { AnyClient } from "./redis-client.ts";

/*
 * Atomic operations as Lua scripts, sent with `EVAL`: they are short, Redis compiles each once, and no server has to load
 * them first. https://redis.io/docs/latest/develop/programmability/eval-intro/
 */

/** KEYS: lease. ARGV: token, duration in ms. Idempotent: the same token acquires its own lease again. */
export const ACQUIRE: string = `if redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return 1 end
return redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("PEXPIRE", KEYS[1], ARGV[2]) or 0`;

/** KEYS: lease. ARGV: token, duration in ms. */
export const RENEW: string = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("PEXPIRE", KEYS[1], ARGV[2])`;

/** KEYS: lease. ARGV: token, channel. Without permission to publish, waiters notice the release at their next check. */
export const RELEASE: string = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("DEL", KEYS[1])
redis.pcall("PUBLISH", ARGV[2], KEYS[1])
return 1`;

/**
 * Writes a value together with its sidecar. KEYS: value, sidecar, lease. ARGV: condition, value, "1" if there is a sidecar,
 * sidecar, options of SET. With the condition "absent" it replaces a key of another type, but no value. Any other condition is
 * the token of a leader: after losing the lease a process replaces nothing. Redis decides this, because a process that was
 * suspended may write before it knows.
 */
export const WRITE: string = `local condition = ARGV[1]
if condition == "absent" then
  if redis.call("TYPE", KEYS[1]).ok == "string" then return 0 end
elseif redis.call("GET", KEYS[3]) ~= condition and redis.call("EXISTS", KEYS[1]) == 1 then
  return 0
end
redis.call("SET", KEYS[1], ARGV[2], unpack(ARGV, 5))
if ARGV[3] == "1" then redis.call("SET", KEYS[2], ARGV[4], unpack(ARGV, 5)) else redis.call("UNLINK", KEYS[2]) end
return 1`;

/** Runs a script whose keys are all on one node. Returns whether it took effect. */
export async function runScript(redis: AnyClient, lua: string, keys: string[], args: string[]): Promise<boolean> {
  return (await redis.eval(lua, { keys, arguments: args })) === 1;
}
