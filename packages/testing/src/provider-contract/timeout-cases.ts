import assert from "node:assert/strict";
import { inspect } from "node:util";
import { withTimeout } from "../contract.ts";
import type { Fault } from "../fault.ts";
import type { Harness } from "./harness.ts";

/** How long an immediate reaction may take on a busy machine. */
const AT_ONCE_MS = 1_000;
/** Longer than `AT_ONCE_MS`, so that a provider that sleeps on is noticed. */
const RETRY_AFTER_S = 3;
/** SDKs ignore a longer Retry-After. */
const MAX_RETRY_AFTER_S = 59;
const TIMEOUT_MS = 200;

export const timeoutCases = {
  async "keeps its time limit when the server never answers"(harness: Harness): Promise<void> {
    await timesOut(harness, { stall: "headers" });
  },

  async "keeps its time limit when the body stalls"(harness: Harness): Promise<void> {
    await timesOut(harness, { stall: "body" });
  },

  async "sends nothing when the signal was aborted before the call"({ open }: Harness): Promise<void> {
    const setup = await open();
    const reason = new Error("No caller is left.");
    assertAborted(await setup.outcome({ signal: AbortSignal.abort(reason) }), reason);
    assert.deepEqual([setup.fetches, setup.server.calls], [0, 0], "It sent a request although no caller is left.");
  },

  async "stops at once when it is aborted while the server is silent"(harness: Harness): Promise<void> {
    await stopsWhenAborted(harness, { stall: "headers" });
  },

  async "stops at once when it is aborted while the body stalls"(harness: Harness): Promise<void> {
    await stopsWhenAborted(harness, { stall: "body" });
  },

  async "stops at once when it is aborted between two attempts"(harness: Harness): Promise<void> {
    const seconds = Math.min(RETRY_AFTER_S * harness.slowness, MAX_RETRY_AFTER_S);
    const headers = { "retry-after-ms": `${1_000 * seconds}`, "retry-after": `${Math.ceil(seconds)}` };
    await stopsWhenAborted(harness, { status: 500, headers });
  },
};

async function timesOut({ open, slowness }: Harness, fault: Fault): Promise<void> {
  const error = await (await open([fault], { timeoutMs: TIMEOUT_MS * slowness })).failure();
  assert.deepEqual([error.code, error.retryable], ["PROVIDER_TIMEOUT", true]);
}

async function stopsWhenAborted({ open, slowness, yieldToEventLoop }: Harness, fault: Fault): Promise<void> {
  const { server, outcome, received } = await open([fault], { maxRetries: 1 });
  const controller = new AbortController();
  const call = outcome({ signal: controller.signal });
  await Promise.race([call, received()]);
  await yieldToEventLoop();
  const reason = new Error("No caller is left.");
  controller.abort(reason);
  assertAborted(await withTimeout(AT_ONCE_MS * slowness, call, "Stopping after the abort"), reason);
  assert.equal(server.calls, 1, "It sent another request although no caller is left.");
}

function assertAborted(outcome: PromiseSettledResult<unknown>, reason: Error): void {
  assert.ok(outcome.status === "rejected", "An aborted call must reject.");
  assert.ok(outcome.reason === reason, `It must reject with the signal's reason, not ${inspect(outcome.reason)}`);
}
