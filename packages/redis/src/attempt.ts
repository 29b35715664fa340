import { createDeadline, type Redact, redactedError, StoreError } from "@remem/core";
import type { Connection } from "./connection.ts";
import { reasonOf } from "./reason.ts";
import type { AnyClient } from "./redis-client.ts";

/** Has something done in Redis. What fails rejects with a `StoreError` that names the operation and the server. */
export type Attempt = <T>(operation: string, work: (redis: AnyClient) => Promise<T>) => Promise<T>;

export interface AttemptOptions {
  /** Nobody waits for longer. A connection on which nothing has come for as long is given up. */
  readonly timeoutMs: number;
  /** What server it is, for errors. */
  readonly where: string;
  /** Takes out of errors what the connection was made with. */
  readonly redact: Redact;
}

export function attemptOver(connection: Connection, { timeoutMs, where, redact }: AttemptOptions): Attempt {
  const within = createDeadline(timeoutMs);
  let answers = 0;
  function count(): void {
    answers += 1;
  }

  return async (operation, work) => {
    try {
      // Outside of the deadline: it is not Redis that takes this time.
      if (!connection.isLoaded) await connection.load();
      const before = answers;
      const answer = connection.use(work);
      answer.then(count, count);
      return await within(answer, () => {
        if (answers === before) connection.drop();
        return new Error(`no answer within \`timeoutMs\` (${timeoutMs} ms)`);
      });
    } catch (error) {
      const cause = redactedError(error, redact);
      const problem = `The store "redis" failed in ${operation} ${where}: ${reasonOf(cause)}`;
      throw new StoreError(problem, { store: "redis", cause });
    }
  };
}
