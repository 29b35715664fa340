import { withinDeadline } from "@remem/core";
import type { Adapter, Connection } from "./connection.ts";

/** Has something done over a connection. */
export type Ask = <T>(work: (redis: Adapter) => Promise<T>) => Promise<T>;

/** Nobody waits for longer than `timeoutMs`. A connection on which nothing has come for as long is given up. */
export function askOver(connection: Connection, timeoutMs: number): Ask {
  let settled = 0;

  return async (work) => {
    const library = await import("@keyv/redis"); // Outside of the deadline: it is not Redis that takes this time.
    const before = settled;
    const answer = connection.use(library, work).finally(() => {
      settled += 1;
    });
    return withinDeadline(answer, timeoutMs, () => {
      if (settled === before) connection.drop();
      return new Error(`no answer within \`timeoutMs\` (${timeoutMs} ms)`);
    });
  };
}
