import { type InferFailure, type InferResult, toResult } from "../chat/answer/infer-result.ts";
import { createInferStream } from "../chat/answer/infer-stream.ts";
import { tokensOf } from "../chat/answer/usage.ts";
import { batchLineOf } from "../chat/batch-line.ts";
import type { ChatCompletion, ChatRequest } from "../chat/chat-completion.ts";
import { chatSurface } from "../chat/chat-surface.ts";
import { estimateTokens } from "../chat/request/estimate-tokens.ts";
import type { CallParams } from "../chat/request/params.ts";
import type { Call, CallLimits, CallOptions } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";
import { deferredCalls } from "../deferred/load-deferred.ts";
import type { Access } from "../engine/access.ts";
import { askStream } from "../engine/ask-stream.ts";
import { createCall } from "../engine/create-call.ts";
import { createReadThrough } from "../engine/read-through.ts";
import { readThroughOptions } from "../engine/read-through-options.ts";
import { InvalidRequestError } from "../errors/errors.ts";
import type { JsonObject } from "../json/json-value.ts";
import { splitKeyFacts, withKeyFacts } from "../key/cache-key.ts";
import { type Paced, paced } from "../limits/paced.ts";
import { release, retain } from "../store/shared-use.ts";
import { answersInOrder } from "./batch.ts";
import type { Client } from "./client-contract.ts";
import {
  type BatchOptions,
  type ClientOptions,
  checkBatchOptions,
  checkClientOptions,
  checkInferEachOptions,
  checkInferOptions,
  checkKeyOptions,
  checkStreamOptions,
  type InferEachOptions,
  type InferOptions,
  type KeyOptions,
  type StreamOptions,
} from "./options.ts";
import {
  clientParams,
  type InferRequest,
  isRequest,
  mergeRequest,
  type Prompt,
  type StreamParams,
  type StreamRequest,
} from "./request.ts";
import { inferObject } from "./structured-output/infer-object.ts";
import { responseFormat } from "./structured-output/response-format.ts";

const NONE: InferOptions = {};
const MIB = 1024 * 1024;

/** Makes a client for chat: a cache in front of a provider. */
export function createClient(options: ClientOptions): Client {
  return createClientFor("createClient", options);
}

/** Makes a client for a function with another name, which the messages of its errors contain. */
export function createClientFor(where: string, options: ClientOptions): Client {
  checkClientOptions(where, options);
  const { provider, floats, admit, maxRequestBytes = 16 * MIB } = options;
  const defaults = clientParams(where, options.params);
  const surface = admit === undefined ? chatSurface : { ...chatSurface, admit };
  const readThrough = createReadThrough(readThroughOptions(options));
  const callOptions: CallOptions<ChatRequest, ChatCompletion> = {
    mode: options.cache,
    ttlMs: options.ttlMs,
    scope: provider.scope,
    floats,
    maxRequestBytes,
    canonical: provider.canonical && ((request) => provider.canonical!(request)),
    provider: provider.id,
    ask: inTurn((request, context) => provider.generate(request, context)),
  };
  const streamOptions: typeof callOptions = {
    ...callOptions,
    ...(provider.stream !== undefined && {
      ask: inTurn((request, context) => askStream(surface, provider.id, provider.stream!(request, context), context)),
    }),
  };
  function inTurn(ask: Paced<ChatRequest, ChatCompletion>["ask"]): CallOptions<ChatRequest, ChatCompletion>["ask"] {
    return paced({ provider, limits: options.limits, ask, estimate: estimateTokens, tokens: tokensIn });
  }
  retain(provider);
  let closing: Promise<void> | undefined;

  function prepare(
    input: Prompt | InferRequest,
    params: CallParams | undefined,
    own: InferOptions,
  ): Call<ChatRequest, ChatCompletion> {
    const request = mergeRequest(defaults, params, input);
    if (own === NONE) return createCall(surface, request, callOptions);
    const { cache: mode = callOptions.mode, ttlMs = callOptions.ttlMs, sample, schema } = own;
    // A schema replaces the client's own format, which is a default, but not a format of the call.
    if (schema !== undefined && (request.response_format ?? defaults.response_format) === defaults.response_format) {
      request.response_format = responseFormat(schema);
    }
    return createCall(surface, request, { ...callOptions, mode, ttlMs, sample });
  }
  function answer<Output>(
    call: Call<ChatRequest, ChatCompletion>,
    { schema, retries }: Pick<InferOptions<Output>, "schema" | "retries">,
    limits: CallLimits,
    access?: Access,
  ): Promise<InferResult<Output>> {
    if (schema !== undefined) {
      return inferObject(readThrough, call, { schema, retries, hasOwnAdmit: admit !== undefined }, limits, access);
    }
    return readThrough.get(call, limits, access).then((outcome) => toResult(call, outcome) as InferResult<Output>);
  }
  /** Prepares the call of `has` and `delete`. */
  function prepareForKey(
    where: string,
    input: Prompt | InferRequest,
    second: CallParams | KeyOptions | undefined,
    third: KeyOptions = NONE,
  ): Call<ChatRequest, ChatCompletion> {
    const options = isRequest(input) ? ((second ?? NONE) as KeyOptions) : third;
    checkKeyOptions(where, options);
    return prepare(input, isRequest(input) ? undefined : (second as CallParams | undefined), options);
  }
  function deferring() {
    return deferredCalls({
      provider,
      api: provider.deferred,
      surface,
      options,
      readThrough,
      blank: { model: "", messages: [] },
      prepare: (item: Prompt | InferRequest, own) => prepare(item, undefined, own),
      estimate: estimateTokens,
      toResult,
    });
  }
  async function close(): Promise<void> {
    const [closed] = await Promise.allSettled([readThrough.close()]);
    if (release(provider)) await provider.close?.();
    if (closed.status === "rejected") throw closed.reason;
  }

  const client: Client = {
    params: defaults,
    // Not async: that would cost a hit one more promise.
    infer<Output>(
      input: Prompt | InferRequest,
      second?: CallParams | InferOptions<Output>,
      third: InferOptions<Output> = NONE as InferOptions<Output>,
    ) {
      try {
        const options = isRequest(input) ? ((second ?? NONE) as InferOptions<Output>) : third;
        if (options !== NONE) checkInferOptions("infer", options);
        const call = prepare(input, isRequest(input) ? undefined : (second as CallParams), options);
        return answer(call, options, options);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    stream(
      input: Prompt | StreamRequest,
      second?: StreamParams | StreamOptions,
      third: StreamOptions = NONE as StreamOptions,
    ) {
      const own = isRequest(input) ? ((second ?? NONE) as StreamOptions) : third;
      checkStreamOptions("stream", own);
      const params = isRequest(input) ? undefined : (second as CallParams);
      const { stream: _, stream_options, ...request } = mergeRequest(defaults, params, input as InferRequest);
      const { cache: mode = callOptions.mode, ttlMs = callOptions.ttlMs, sample, replay } = own;
      const call = createCall(surface, request, { ...streamOptions, mode, ttlMs, sample });
      return createInferStream({
        follow: () => readThrough.follow(call, own, replay),
        toResult: (outcome) => toResult(call, outcome),
        showsUsage: (stream_options as { include_usage?: unknown } | null | undefined)?.include_usage === true,
      });
    },
    async batchInfer<Output>(
      batch: ReadonlyArray<Prompt | InferRequest>,
      params?: CallParams,
      options: BatchOptions<Output> = {},
    ) {
      checkBatchOptions("batchInfer", options);
      if (!Array.isArray(batch)) {
        throw new InvalidRequestError("", "of a batch must be a list: of strings, lists of messages, or requests.");
      }
      const results: Array<InferResult<Output> | InferFailure> = [];
      const answers = answersInOrder(
        {
          items: batch,
          total: batch.length,
          readThrough,
          provider: provider.id,
          prepare: (item, sample) => prepare(item, params, sample === undefined ? options : { ...options, sample }),
          answer: (call, limits, access) => answer(call, options, limits, access),
        },
        options,
      );
      for await (const result of answers) results.push(result);
      return results;
    },
    inferEach<Output>(
      requests: Iterable<Prompt | InferRequest> | AsyncIterable<Prompt | InferRequest>,
      options: InferEachOptions<Output> = {},
    ) {
      checkInferEachOptions("inferEach", options);
      return answersInOrder(
        {
          items: requests,
          readThrough,
          provider: provider.id,
          prepare: (item, sample) => prepare(item, undefined, sample === undefined ? options : { ...options, sample }),
          answer: (call, limits, access) => answer(call, options, limits, access),
        },
        options,
      );
    },
    async deferred(given, own) {
      return (await deferring()).deferred(given, own);
    },
    async *deferredBatches() {
      yield* (await deferring()).deferredBatches();
    },
    async put(request, answer, own: KeyOptions = NONE) {
      const call = prepareForKey("put", request, own);
      return readThrough.put(call, provider.deferred?.read?.(answer, call.request) ?? answer);
    },
    batchLine: (request, own: KeyOptions = NONE) => batchLineOf(provider, prepareForKey("batchLine", request, own)),
    async has(input: Prompt | InferRequest, second?: CallParams | KeyOptions, third?: KeyOptions) {
      return readThrough.has(prepareForKey("has", input, second, third));
    },
    async delete(input: Prompt | InferRequest, second?: CallParams | KeyOptions, third?: KeyOptions) {
      return readThrough.delete(prepareForKey("delete", input, second, third).key);
    },
    keyOf(input: Prompt | InferRequest, second?: CallParams | KeyOptions, third?: KeyOptions) {
      const { key, keyed, keyOptions } = prepareForKey("keyOf", input, second, third);
      return { key, ...splitKeyFacts(withKeyFacts(surface, keyed as object as JsonObject, keyOptions)) };
    },
    stats: readThrough.stats,
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
  return client;
}

/** A provider may return anything. */
function tokensIn(answer: ChatCompletion): TokenCount | undefined {
  return chatSurface.isAnswer(answer) ? tokensOf(answer) : undefined;
}
