import { setTimeout } from "node:timers/promises";
import { messageOf, RememError } from "@remem/core/plugin";
import type { ReconnectingClient } from "./reconnecting-client.ts";

/**
 * How long operations wait for a replica to take over from a failed master: the time a failover takes if nodes are declared
 * dead after one or two seconds. Waiting is cheaper than a provider call. @internal
 */
export const FAILOVER_MS = 4_000;
const RETRY_MS = 100;
/**
 * An outage without a failure for this long has ended; the next failure begins a new one. Longer than the pause between two
 * probes of a client's circuit breaker.
 */
const OUTAGE_EXPIRY_MS = 10_000;

interface Outage {
  readonly since: number;
  lastAt: number;
}

/** Replaced in tests, which then do not wait. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const CLOCK: Clock = { now: () => performance.now(), sleep: (ms) => setTimeout(ms) };

/** Retries operations that fail while a failover may be in progress. */
export type RetryThroughFailover = <T>(work: () => Promise<T>, redisKey: string | undefined) => Promise<T>;

/**
 * Waits for each outage once, counted from the first operation that failed: after `FAILOVER_MS` the remaining operations of
 * a call fail immediately. A standalone server has no replica to take over, so its operations are not retried.
 */
export function createFailoverRetry(
  { failsOver, nodeOf }: ReconnectingClient,
  { now, sleep }: Clock = CLOCK,
): RetryThroughFailover {
  if (!failsOver) return (work) => work();
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
    if (redisKey === undefined) return work();
    const failed = new Set<string>();
    while (true) {
      const node = nodeOf(redisKey);
      try {
        const result = await work();
        // Both the node that answered and the ones it replaced.
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

/** Replies of a node whose cluster has lost another node, or which is not yet ready to take over. */
const TRANSIENT_ERROR = /^(?:CLUSTERDOWN|MASTERDOWN|TRYAGAIN|LOADING|READONLY|MOVED|ASK) /;
/** Error replies of Redis begin with a code. https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const ERROR_CODE = /^[A-Z]+ /;

function isTransient(error: unknown): boolean {
  return !RememError.is(error) && !isRefusal(error);
}

/** Whether Redis refused the command, and would refuse it again. */
export function isRefusal(error: unknown): boolean {
  const reason = messageOf(error);
  return ERROR_CODE.test(reason) && !TRANSIENT_ERROR.test(reason);
}
