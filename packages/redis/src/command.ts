import { createDeadline, type Redact, redactedError, StoreError } from "@remem/core";
import { messageOf } from "./connection.ts";
import { createFailoverRetry } from "./failover.ts";
import type { ReconnectingClient } from "./reconnecting-client.ts";
import type { AnyClient } from "./redis-client.ts";

/**
 * Has something done in Redis, which must do no harm if it is done twice. `place` is where all of it lies; without one no
 * failover is waited for. What fails rejects with a `StoreError` that names the operation and the server.
 */
export type RunCommand = <T>(
  operation: string,
  work: (redis: AnyClient) => Promise<T>,
  redisKey?: string,
) => Promise<T>;

export interface CommandOptions {
  /** What an operation may take while no failover is waited for. A connection on which nothing has come for as long is given up. */
  readonly timeoutMs: number;
  /** What server it is, for errors. */
  readonly where: string;
  /** Takes out of errors what the connection was made with. */
  readonly redact: Redact;
}

export function createRunCommand(client: ReconnectingClient, { timeoutMs, where, redact }: CommandOptions): RunCommand {
  const withTimeout = createDeadline(timeoutMs);
  const retryThroughFailover = createFailoverRetry(client);
  let replies = 0;
  function countReply(): void {
    replies += 1;
  }

  function once<T>(work: (redis: AnyClient) => Promise<T>, redisKey: string | undefined): Promise<T> {
    const before = replies;
    const reply = client.use(work, redisKey);
    reply.then(countReply, countReply);
    return withTimeout(reply, () => {
      if (replies === before) client.drop();
      return new Error(`no answer within \`timeoutMs\` (${timeoutMs} ms)`);
    });
  }

  return async (operation, work, redisKey) => {
    try {
      // Outside of the deadline: it is not Redis that takes this time.
      if (!client.isLoaded) await client.load();
      return await retryThroughFailover(() => once(work, redisKey), redisKey);
    } catch (error) {
      const cause = redactedError(error, redact);
      const problem = `The store "redis" failed in ${operation} ${where}: ${messageOf(cause)}`;
      throw new StoreError(problem, { store: "redis", cause });
    }
  };
}
