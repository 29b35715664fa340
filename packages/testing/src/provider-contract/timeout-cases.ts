import assert from "node:assert/strict";
import { inspect } from "node:util";
import { within } from "../contract.ts";
import type { Fault } from "../fault.ts";
import { aWhile, type Bench } from "./harness.ts";

/** How long "at once" may take on a busy machine. */
const AT_ONCE_MS = 1_000;

export const patienceCases = {
  async "keeps its time limit when the server never answers"({ open }: Bench): Promise<void> {
    await timesOut(open, { stall: "headers" });
  },

  async "keeps its time limit when the body stalls"({ open }: Bench): Promise<void> {
    await timesOut(open, { stall: "body" });
  },

  async "sends nothing when the signal was aborted before the call"({ open }: Bench): Promise<void> {
    const scene = await open();
    const reason = new Error("Nobody waits any more.");
    assertAborted(await scene.outcome({ signal: AbortSignal.abort(reason) }), reason);
    assert.deepEqual([scene.fetches, scene.server.calls], [0, 0], "It sent a request that nobody waits for.");
  },

  async "stops at once when it is aborted while the server is silent"({ open }: Bench): Promise<void> {
    await stops(open, { stall: "headers" });
  },

  async "stops at once when it is aborted while the body stalls"({ open }: Bench): Promise<void> {
    await stops(open, { stall: "body" });
  },

  async "stops at once when it is aborted between two tries"({ open }: Bench): Promise<void> {
    await stops(open, { status: 500, headers: { "retry-after-ms": "3000", "retry-after": "3" } });
  },
};

async function timesOut(open: Bench["open"], fault: Fault): Promise<void> {
  const error = await (await open([fault], { timeoutMs: 200 })).failure();
  assert.deepEqual([error.code, error.retryable], ["PROVIDER_TIMEOUT", true]);
}

async function stops(open: Bench["open"], fault: Fault): Promise<void> {
  const { server, outcome, received } = await open([fault], { maxRetries: 1 });
  const controller = new AbortController();
  const call = outcome({ signal: controller.signal });
  await Promise.race([call, received()]);
  await aWhile();
  const reason = new Error("Nobody waits any more.");
  controller.abort(reason);
  assertAborted(await within(AT_ONCE_MS, call, "Stopping after the abort"), reason);
  assert.equal(server.calls, 1, "It sent another request though nobody waits.");
}

function assertAborted(ended: PromiseSettledResult<unknown>, reason: Error): void {
  assert.ok(ended.status === "rejected", "An aborted call has to reject.");
  assert.ok(ended.reason === reason, `It has to reject with the signal's reason, not ${inspect(ended.reason)}`);
}
