import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type ChatCompletion, type ChatCompletionChunk, createChatAggregate, ProviderError } from "@remem/core/plugin";
import { NotApplicable, withTimeout } from "../contract.ts";
import { isObject } from "../json.ts";
import { type Call, type Harness, QUESTION, type Setup } from "./harness.ts";

/** How long an immediate reaction may take on a busy machine. */
const AT_ONCE_MS = 1_000;
const TIMEOUT_MS = 200;
const RETRY_AT_ONCE = { "retry-after-ms": "1", "retry-after": "0" };

export const streamCases = {
  async "streams chunks that add up to the answer, with its usage"({ open }: Harness): Promise<void> {
    const setup = await open();
    const { error, sum } = await read(setup);
    assert.equal(error, undefined, `Expected a stream, not ${inspect(error)}`);
    const whole = await setup.answer();
    assert.deepEqual(factsOf(sum), factsOf(whole), "The chunks do not add up to the answer.");
    assert.notEqual(sum.usage ?? undefined, undefined, "The stream has no usage: it must ask for it.");
  },

  async "asks for a stream, and adds nothing else to the body"({ open, adds }: Harness): Promise<void> {
    const setup = await open();
    await read(setup, { request: { ...QUESTION, seed: 7, unheard_of: { deep: [null] } } });
    const body = setup.server.requests[0]?.body;
    assert.ok(isObject(body), "The body of a request must be an object.");
    const { stream, stream_options: _, ...rest } = body;
    assert.equal(stream, true, "It must send `stream: true`.");
    const known = new Set([...Object.keys(QUESTION), "seed", "unheard_of"]);
    const others = Object.keys(rest).filter((name) => !known.has(name) && !adds.includes(name));
    assert.deepEqual(others, [], `It adds ${others.join(", ")} to the body.`);
    assert.deepEqual([rest.seed, rest.unheard_of], [7, { deep: [null] }]);
  },

  async "keeps unknown members of chunks"({ open }: Harness): Promise<void> {
    const delta = { content: "Because.", vendor: { of: [1.5] } };
    const chunk = { id: "1", vendor: null, choices: [{ index: 0, delta, finish_reason: "stop", vendor: 7 }] };
    const { chunks } = await read(await open([{ body: eventsOf(chunk) }]));
    const [first] = chunks as unknown as [typeof chunk];
    assert.deepEqual(JSON.parse(JSON.stringify(first ?? null)), chunk);
  },

  async "turns an HTTP error into a ProviderError before the first chunk"({ open }: Harness): Promise<void> {
    for (const status of [400, 401, 429, 500]) {
      const { chunks, error } = await failing(await open([{ status }]));
      assert.deepEqual([chunks.length, error.status], [0, status]);
      assert.equal(error.retryable, status === 429 || status === 500, `Whether a ${status} is \`retryable\``);
    }
  },

  async "retries a stream before its first chunk, and not after"({ open }: Harness): Promise<void> {
    const patient = await open([{ status: 500, headers: RETRY_AT_ONCE }], { maxRetries: 1 });
    assert.equal((await read(patient)).error, undefined, "It did not retry after a 500.");
    assert.equal(patient.server.calls, 2);
    const broken = await open([{ reset: "body" }], { maxRetries: 1 });
    const { chunks, error } = await failing(broken);
    assert.ok(chunks.length > 0, "The chunks before the end of the connection must be given.");
    assert.equal(broken.server.calls, 1, "It sent the request again although a caller has read chunks.");
    assert.equal(error.retryable, true);
  },

  async "ends with a ProviderError when the stream has an error"({ open }: Harness): Promise<void> {
    const chunk = { id: "1", choices: [{ index: 0, delta: { content: "Bec" }, finish_reason: null }] };
    const setup = await open([{ body: eventsOf(chunk, { error: { message: "The upstream gave up.", code: 502 } }) }]);
    const { chunks, error } = await failing(setup);
    assert.equal(chunks.length, 1, "The chunks before the error must be given, and the error must not.");
    assert.match(error.message, /The upstream gave up/);
  },

  async "keeps its time limit when a stream stalls"({ open, slowness }: Harness): Promise<void> {
    const { chunks, error } = await failing(await open([{ stall: "body" }], { timeoutMs: TIMEOUT_MS * slowness }));
    assert.ok(chunks.length > 0, "The chunks before the silence must be given.");
    assert.deepEqual([error.code, error.retryable], ["PROVIDER_TIMEOUT", true]);
  },

  async "gives chunks as they come, and stops at once when it is aborted"({ open, slowness }: Harness): Promise<void> {
    const controller = new AbortController();
    const { provider } = await open([{ stall: "body" }]);
    const stream = streamOf(provider.stream?.(QUESTION, { signal: controller.signal }));
    const reader = stream[Symbol.asyncIterator]();
    const first = await withTimeout(AT_ONCE_MS * slowness, reader.next(), "The first chunk of a stream that goes on");
    assert.equal(first.done, false, "The stream has no chunk.");
    const reason = new Error("No caller is left.");
    controller.abort(reason);
    const rest = (async () => {
      while (!(await reader.next()).done);
    })();
    const [ended] = await Promise.allSettled([withTimeout(AT_ONCE_MS * slowness, rest, "Stopping after the abort")]);
    assert.ok(ended.status === "rejected", "An aborted stream must reject.");
    assert.ok(ended.reason === reason, `It must reject with the signal's reason, not ${inspect(ended.reason)}`);
  },
};

interface Read {
  readonly chunks: readonly ChatCompletionChunk[];
  readonly sum: ChatCompletion;
  readonly error: unknown;
}

async function read({ provider }: Setup, { request = QUESTION, signal = NEVER }: Call = {}): Promise<Read> {
  const chunks: ChatCompletionChunk[] = [];
  const aggregate = createChatAggregate();
  let error: unknown;
  try {
    for await (const chunk of streamOf(provider.stream?.(request, { signal }))) {
      chunks.push(chunk);
      aggregate.add(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof NotApplicable) throw thrown;
    error = thrown;
  }
  return { chunks, sum: aggregate.answer(), error };
}

const NEVER = new AbortController().signal;

async function failing(setup: Setup): Promise<Read & { readonly error: ProviderError }> {
  const { error, ...rest } = await read(setup);
  assert.ok(
    ProviderError.is(error),
    `Expected a ProviderError, not ${error === undefined ? "an end" : inspect(error)}`,
  );
  return { ...rest, error };
}

function streamOf(stream: AsyncIterable<ChatCompletionChunk> | undefined): AsyncIterable<ChatCompletionChunk> {
  if (stream === undefined) throw new NotApplicable("this provider has no `stream`");
  return stream;
}

/** The facts that a stream and a whole answer have in common. Some servers leave out empty members of a stream. */
function factsOf({ choices, usage, model }: ChatCompletion): unknown {
  const facts = {
    model,
    usage,
    choices: choices.map(({ message, finish_reason }) => [message.content, finish_reason]),
  };
  return JSON.parse(JSON.stringify(facts));
}

function eventsOf(...events: readonly object[]): string {
  return [...events.map((event) => JSON.stringify(event)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
}
