import { createTimeout, messageOf, type Redact, redactedError, StoreError } from "@remem/core/plugin";
import { createFailoverRetry } from "./failover.ts";
import type { ReconnectingClient } from "./reconnecting-client.ts";
import type { AnyClient } from "./redis-client.ts";

/**
 * Runs an idempotent operation in Redis. `redisKey` is the key that routes it; without one the operation is not retried
 * through a failover. Failures reject with a `StoreError` that names the operation and the server.
 */
export type RunCommand = <T>(
  operation: string,
  work: (redis: AnyClient) => Promise<T>,
  redisKey?: string,
) => Promise<T>;

export interface CommandOptions {
  /** Timeout of one operation, failovers aside. A connection that delivered no reply for this long is dropped. */
  readonly timeoutMs: number;
  /** Names the server in errors. */
  readonly where: string;
  /** Removes the credentials of the connection from errors. */
  readonly redact: Redact;
}

export function createRunCommand(client: ReconnectingClient, { timeoutMs, where, redact }: CommandOptions): RunCommand {
  const withTimeout = createTimeout(timeoutMs);
  const retryThroughFailover = createFailoverRetry(client);
  let ended = 0;

  function once<T>(work: (redis: AnyClient) => Promise<T>, redisKey: string | undefined): Promise<T> {
    const before = ended;
    return withTimeout(client.use(work, redisKey), () => {
      // Where other operations have ended meanwhile, the connection is alive, or was dropped already.
      if (ended === before) client.drop();
      return new Error(`no answer within \`timeoutMs\` (${timeoutMs} ms)`);
    });
  }

  return async (operation, work, redisKey) => {
    try {
      // Outside the timeout: this is not time spent waiting for Redis.
      if (!client.isLoaded) await client.load();
      return await retryThroughFailover(() => once(work, redisKey), redisKey);
    } catch (error) {
      const cause = redactedError(error, redact);
      const problem = `The store "redis" failed in ${operation} ${where}: ${messageOf(cause)}`;
      throw new StoreError(problem, { store: "redis", cause });
    } finally {
      ended += 1;
    }
  };
}
