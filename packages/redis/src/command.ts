import { createDeadline, type Redact, redactedError, StoreError } from "@remem/core";
import { reasonOf } from "./connection.ts";
import { failoverOf } from "./failover.ts";
import type { Connection } from "./reconnecting-client.ts";
import type { AnyClient } from "./redis-client.ts";

/**
 * Has something done in Redis, which must do no harm if it is done twice. `place` is where all of it lies; without one no
 * failover is waited for. What fails rejects with a `StoreError` that names the operation and the server.
 */
export type Attempt = <T>(operation: string, work: (redis: AnyClient) => Promise<T>, place?: string) => Promise<T>;

export interface AttemptOptions {
  /** What an operation may take while no failover is waited for. A connection on which nothing has come for as long is given up. */
  readonly timeoutMs: number;
  /** What server it is, for errors. */
  readonly where: string;
  /** Takes out of errors what the connection was made with. */
  readonly redact: Redact;
}

export function attemptOver(connection: Connection, { timeoutMs, where, redact }: AttemptOptions): Attempt {
  const within = createDeadline(timeoutMs);
  const throughFailover = failoverOf(connection);
  let answers = 0;
  function count(): void {
    answers += 1;
  }

  function once<T>(work: (redis: AnyClient) => Promise<T>, place: string | undefined): Promise<T> {
    const before = answers;
    const answer = connection.use(work, place);
    answer.then(count, count);
    return within(answer, () => {
      if (answers === before) connection.drop();
      return new Error(`no answer within \`timeoutMs\` (${timeoutMs} ms)`);
    });
  }

  return async (operation, work, place) => {
    try {
      // Outside of the deadline: it is not Redis that takes this time.
      if (!connection.isLoaded) await connection.load();
      return await throughFailover(() => once(work, place), place);
    } catch (error) {
      const cause = redactedError(error, redact);
      const problem = `The store "redis" failed in ${operation} ${where}: ${reasonOf(cause)}`;
      throw new StoreError(problem, { store: "redis", cause });
    }
  };
}
