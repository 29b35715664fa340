import assert from "node:assert/strict";
import { inspect } from "node:util";
import { withTimeout } from "../contract.ts";
import type { Fault } from "../fault.ts";
import { type Harness, yieldToEventLoop } from "./harness.ts";

/** How long "at once" may take on a busy machine. */
const AT_ONCE_MS = 1_000;

export const timeoutCases = {
  async "keeps its time limit when the server never answers"({ open }: Harness): Promise<void> {
    await timesOut(open, { stall: "headers" });
  },

  async "keeps its time limit when the body stalls"({ open }: Harness): Promise<void> {
    await timesOut(open, { stall: "body" });
  },

  async "sends nothing when the signal was aborted before the call"({ open }: Harness): Promise<void> {
    const setup = await open();
    const reason = new Error("Nobody waits any more.");
    assertAborted(await setup.outcome({ signal: AbortSignal.abort(reason) }), reason);
    assert.deepEqual([setup.fetches, setup.server.calls], [0, 0], "It sent a request that nobody waits for.");
  },

  async "stops at once when it is aborted while the server is silent"({ open }: Harness): Promise<void> {
    await stops(open, { stall: "headers" });
  },

  async "stops at once when it is aborted while the body stalls"({ open }: Harness): Promise<void> {
    await stops(open, { stall: "body" });
  },

  async "stops at once when it is aborted between two tries"({ open }: Harness): Promise<void> {
    await stops(open, { status: 500, headers: { "retry-after-ms": "3000", "retry-after": "3" } });
  },
};

async function timesOut(open: Harness["open"], fault: Fault): Promise<void> {
  const error = await (await open([fault], { timeoutMs: 200 })).failure();
  assert.deepEqual([error.code, error.retryable], ["PROVIDER_TIMEOUT", true]);
}

async function stops(open: Harness["open"], fault: Fault): Promise<void> {
  const { server, outcome, received } = await open([fault], { maxRetries: 1 });
  const controller = new AbortController();
  const call = outcome({ signal: controller.signal });
  await Promise.race([call, received()]);
  await yieldToEventLoop();
  const reason = new Error("Nobody waits any more.");
  controller.abort(reason);
  assertAborted(await withTimeout(AT_ONCE_MS, call, "Stopping after the abort"), reason);
  assert.equal(server.calls, 1, "It sent another request though nobody waits.");
}

function assertAborted(outcome: PromiseSettledResult<unknown>, reason: Error): void {
  assert.ok(outcome.status === "rejected", "An aborted call has to reject.");
  assert.ok(outcome.reason === reason, `It has to reject with the signal's reason, not ${inspect(outcome.reason)}`);
}
