import { setTimeout } from "node:timers/promises";
import { RememError } from "@remem/core";
import { messageOf } from "./connection.ts";
import type { ReconnectingClient } from "./reconnecting-client.ts";

/**
 * How long operations wait for another server to take the place of one that is gone: as long as that takes where nodes count
 * as gone after a second or two. To wait is cheaper than a call of the provider. @internal
 */
export const FAILOVER_MS = 4_000;
const RETRY_MS = 100;
/**
 * An outage in which nothing has failed for this long may be over: what fails then is another one. Longer than a client's
 * breaker pauses between two looks.
 */
const OUTAGE_EXPIRY_MS = 10_000;

interface Outage {
  readonly since: number;
  lastAt: number;
}

/** What a test can do without waiting. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const CLOCK: Clock = { now: () => performance.now(), sleep: (ms) => setTimeout(ms) };

/** Repeats what fails while a failover may be under way. */
export type RetryThroughFailover = <T>(work: () => Promise<T>, redisKey: string | undefined) => Promise<T>;

/**
 * An outage is waited for once: it is counted from the first operation that has met it, so whatever a call still has to do
 * fails at once after `FAILOVER_MS`. A node that is one for all can only come back by itself, and is not waited for.
 */
export function createFailoverRetry(
  { failsOver, nodeOf }: ReconnectingClient,
  { now, sleep }: Clock = CLOCK,
): RetryThroughFailover {
  const outages = new Map<string, Outage>();

  function hasOutlastedFailover(node: string): boolean {
    const at = now();
    const known = outages.get(node);
    const outage = known !== undefined && at - known.lastAt < OUTAGE_EXPIRY_MS ? known : { since: at, lastAt: at };
    outage.lastAt = at;
    outages.set(node, outage);
    return at - outage.since >= FAILOVER_MS;
  }

  return async (work, redisKey) => {
    if (!failsOver || redisKey === undefined) return work();
    const failed = new Set<string>();
    while (true) {
      const node = nodeOf(redisKey);
      try {
        const result = await work();
        // Of the one that works, and of the one whose place it has taken.
        for (const over of failed.add(node)) outages.delete(over);
        return result;
      } catch (error) {
        if (!isTransient(error) || hasOutlastedFailover(node)) throw error;
        failed.add(node);
        await sleep(RETRY_MS * (0.75 + Math.random() / 2));
      }
    }
  };
}

/** What a server says that is part of a cluster which has lost another one, or is not ready to take its place. */
const TRANSIENT_ERROR = /^(?:CLUSTERDOWN|MASTERDOWN|TRYAGAIN|LOADING|READONLY|MOVED|ASK) /;
/** Redis begins what it refuses with a code. https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const ERROR_CODE = /^[A-Z]+ /;

function isTransient(error: unknown): boolean {
  return !RememError.is(error) && !isRefusal(error);
}

/** Whether Redis has said no, and will say so again. */
export function isRefusal(error: unknown): boolean {
  const reason = messageOf(error);
  return ERROR_CODE.test(reason) && !TRANSIENT_ERROR.test(reason);
}
