import type { AnyClient } from "./redis-client.ts";

/*
 * What Redis does in one step, as Lua. It is sent as `EVAL`: the texts are short, Redis compiles each once, and no server has
 * to be told it first. https://redis.io/docs/latest/develop/programmability/eval-intro/
 */

/** KEYS: lead. ARGV: token, lease in ms. Done again it takes what it has taken before. */
export const ACQUIRE: string = `if redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return 1 end
return redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("PEXPIRE", KEYS[1], ARGV[2]) or 0`;

/** KEYS: lead. ARGV: token, lease in ms. */
export const RENEW: string = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("PEXPIRE", KEYS[1], ARGV[2])`;

/** KEYS: lead. ARGV: token, channel. Those who wait look by themselves, too, where we may not publish. */
export const RELEASE: string = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("DEL", KEYS[1])
redis.pcall("PUBLISH", ARGV[2], KEYS[1])
return 1`;

/**
 * KEYS: value, lead. ARGV: token, text, options of SET. Who has lost the lead replaces nothing. It is decided here because
 * a process that was stopped may write before it can know.
 */
export const WRITE_AS_LEADER: string = `if redis.call("GET", KEYS[2]) ~= ARGV[1] and redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
redis.call("SET", KEYS[1], unpack(ARGV, 2))
return 1`;

/** KEYS: value. ARGV: text, options of SET. For what `NX` has refused: to it a list that lies there is as good as a value. */
export const WRITE_UNLESS_STRING: string = `if redis.call("TYPE", KEYS[1]).ok == "string" then return 0 end
redis.call("SET", KEYS[1], unpack(ARGV))
return 1`;

/** Whether it has done what it is for. All keys lie on one node. */
export async function runScript(redis: AnyClient, lua: string, keys: string[], args: string[]): Promise<boolean> {
  return (await redis.eval(lua, { keys, arguments: args })) === 1;
}
