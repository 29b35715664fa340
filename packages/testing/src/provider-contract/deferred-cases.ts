import assert from "node:assert/strict";
import {
  type ChatRequest,
  type DeferredAnswer,
  type DeferredApi,
  type DeferredBatch,
  type DeferredContext,
  type LostSubmission,
  ProviderError,
} from "@remem/core/plugin";
import { NotApplicable } from "../contract.ts";
import { type Harness, QUESTION, type Setup } from "./harness.ts";

const context: DeferredContext = { signal: new AbortController().signal };

const asking = (content: string): ChatRequest => ({ ...QUESTION, messages: [{ role: "user", content }] });

export const deferredCases = {
  async "a batch gives each request the answer of `generate`, under its id"({ open }: Harness): Promise<void> {
    const setup = await open();
    const api = apiOf(setup);
    const requests = ["Why?", "How – and \u{1F914}?", "When?\n\r\u2028"].map(asking);
    const batch = await submitted(api, requests);
    assert.equal(batch.state, "running");
    const answers = await collected(api, await ended(api, batch));
    assert.deepEqual([...answers.keys()].sort(), ["id-0", "id-1", "id-2"]);
    for (const [index, request] of requests.entries()) {
      const answer = answers.get(`id-${index}`)!;
      assert.ok("completion" in answer);
      const completion = api.read?.(answer.completion, request) ?? answer.completion;
      assert.deepEqual(completion, await setup.answer({ request }));
    }
    assert.deepEqual(setup.server.batches.paid, ["id-0", "id-1", "id-2"]);
  },

  async "a batch is found by its token, and by its file"({ open }: Harness): Promise<void> {
    const api = apiOf(await open());
    const files: string[] = [];
    await submitted(api, [asking("A")], { token: "first" });
    const batch = await submitted(api, [asking("B")], { token: "second", files });
    for (let count = 0; count < 3; count++) await submitted(api, [asking("C")], { token: `later-${count}` });
    assert.equal((await api.find(lost({ token: "second" }), context))?.id, batch.id);
    assert.equal((await api.find(lost({ fileId: files[0] }), context))?.id, batch.id);
    assert.equal(await api.find(lost({}), context), undefined);
  },

  async "an uploaded file is told before its batch is created, and is not uploaded again"({
    open,
  }: Harness): Promise<void> {
    const { provider, server } = await open();
    const api = apiOf({ provider });
    const before: number[] = [];
    const files: string[] = [];
    server.batches.script("create", [{ status: 500 }]);
    const first = submitted(api, [asking("A")], { uploaded: () => before.push(server.batches.ids.length), files });
    await assert.rejects(first, ProviderError.is);
    assert.deepEqual(before, [0]);
    await submitted(api, [asking("A")], { fileId: files[0] });
    assert.equal(server.batches.uploads, 1);
    assert.equal(server.batches.ids.length, 1);
  },

  async "an upload that is refused for its rate is retried with the whole file"({ open }: Harness): Promise<void> {
    const setup = await open([], { maxRetries: 2 });
    const api = apiOf(setup);
    setup.server.batches.script("upload", [{ status: 429, headers: { "retry-after-ms": "1", "retry-after": "0" } }]);
    const answers = await collected(api, await ended(api, await submitted(api, [asking("A"), asking("B")])));
    assert.equal(answers.size, 2);
  },

  async "the creation of a batch is not retried"({ open }: Harness): Promise<void> {
    const setup = await open([], { maxRetries: 2 });
    const api = apiOf(setup);
    setup.server.batches.plan([{ breaks: true }]);
    await assert.rejects(submitted(api, [asking("A")]), ProviderError.is);
    assert.equal(setup.server.batches.ids.length, 1);
  },

  async "a request that failed has an error with status, and one that was not executed is told apart"({
    open,
  }: Harness): Promise<void> {
    const setup = await open();
    const api = apiOf(setup);
    const body = { error: { message: "Too odd.", type: "invalid_request_error", param: "messages", code: "odd" } };
    setup.server.batches.plan([{ expiresAfter: 2, replies: { 1: { status: 400, body } } }]);
    const batch = await ended(api, await submitted(api, ["A", "B", "C"].map(asking)));
    assert.equal(batch.state, "partial");
    const answers = await collected(api, batch);
    assert.ok("completion" in answers.get("id-0")!);
    const failed = answers.get("id-1")!;
    assert.ok("error" in failed && !failed.isUnasked);
    assert.equal(failed.error.status, 400);
    assert.match(failed.error.message, /Too odd\./);
    const unasked = answers.get("id-2")!;
    assert.ok("error" in unasked && unasked.isUnasked);
    assert.match(unasked.error.message, /completion window expired/);
    setup.server.script([{ status: 400, body }]);
    assert.equal(failed.error.message, (await setup.failure({ request: asking("B") })).message);
  },

  async "a batch that failed tells why, and which line is meant"({ open }: Harness): Promise<void> {
    const { provider, server } = await open();
    const api = apiOf({ provider });
    const full = { code: "token_limit_exceeded", message: "Enqueued token limit reached." };
    server.batches.plan([{ errors: [{ code: "odd", message: "Too odd.", line: 2 }] }, { errors: [full] }]);
    const odd = await ended(api, await submitted(api, [asking("A")]));
    assert.equal(odd.state, "failed");
    assert.deepEqual(odd.problems, [{ code: "odd", message: "Too odd.", line: 2, isQueueFull: false }]);
    assert.deepEqual((await collected(api, odd)).size, 0);
    const other = await ended(api, await submitted(api, [asking("A")]));
    assert.deepEqual(other.problems, [{ ...full, isQueueFull: true }]);
  },

  async "a batch is cancelled, and its answers so far are collected"({ open }: Harness): Promise<void> {
    const { provider, server } = await open();
    const api = apiOf({ provider });
    server.batches.plan([{ hangsAfter: 1 }]);
    const { id } = await submitted(api, [asking("A"), asking("B")]);
    assert.equal((await api.poll(id, context)).state, "running");
    await api.cancel(id, context);
    const cancelled = await api.poll(id, context);
    assert.equal(cancelled.state, "partial", "A batch that is cancelled must have ended.");
    const answers = await collected(api, cancelled);
    assert.ok("completion" in answers.get("id-0")!);
    const unasked = answers.get("id-1")!;
    assert.ok("error" in unasked && unasked.isUnasked);
  },

  async "a file that is gone, and a batch that is unknown, are ProviderErrors with a status"({
    open,
  }: Harness): Promise<void> {
    const { provider, server } = await open();
    const api = apiOf({ provider });
    server.batches.plan([{ losesOutput: true }]);
    const batch = await ended(api, await submitted(api, [asking("A")]));
    const isNotFound = (error: unknown): boolean => ProviderError.is(error) && error.status === 404;
    await assert.rejects(collected(api, batch), isNotFound);
    await assert.rejects(api.poll("batch_unknown", context), isNotFound);
  },

  async "batch calls reject with the signal's reason once it is aborted"({ open }: Harness): Promise<void> {
    const { provider, server } = await open();
    const api = apiOf({ provider });
    const reason = new Error("enough");
    const aborted = { signal: AbortSignal.abort(reason) };
    const isReason = (error: unknown): boolean => error === reason;
    await assert.rejects(submitted(api, [asking("A")], {}, aborted), isReason);
    await assert.rejects(api.poll("batch_1", aborted), isReason);
    await assert.rejects(api.find(lost({ token: "a" }), aborted), isReason);
    assert.equal(server.batches.uploads, 0);
  },
};

function apiOf({ provider }: Pick<Setup, "provider">): DeferredApi {
  if (provider.deferred === undefined) throw new NotApplicable("the provider has no Batch API");
  return provider.deferred;
}

interface Submitting {
  readonly token?: string;
  readonly fileId?: string | undefined;
  /** Gets the ids of the files that the provider has reported. */
  readonly files?: string[];
  readonly uploaded?: () => unknown;
}

async function submitted(
  api: DeferredApi,
  requests: readonly ChatRequest[],
  { token = "token", fileId, files, uploaded }: Submitting = {},
  within: DeferredContext = context,
): Promise<DeferredBatch> {
  const lines = requests.map((request, index) => api.line(`id-${index}`, request));
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  return api.submit(
    {
      token,
      group: api.groupOf(requests[0]!),
      total: lines.length,
      bytes,
      async *lines() {
        yield* lines;
      },
      fileId,
      async uploaded(id) {
        files?.push(id);
        uploaded?.();
      },
    },
    within,
  );
}

/** A batch to find. */
function lost({ token = "unknown", fileId }: Pick<Submitting, "token" | "fileId">): LostSubmission {
  return { token, fileId, total: 1, others: async () => new Set() };
}

/** Waits for the end of a batch. */
async function ended(api: DeferredApi, { id }: DeferredBatch): Promise<DeferredBatch> {
  for (;;) {
    const batch = await api.poll(id, context);
    if (batch.state !== "running") return batch;
  }
}

async function collected(api: DeferredApi, batch: DeferredBatch): Promise<Map<string, DeferredAnswer>> {
  const answers = new Map<string, DeferredAnswer>();
  for await (const answer of api.collect(batch, { ...context, idAt: async (line) => `id-${line}` }))
    answers.set(answer.id, answer);
  return answers;
}
