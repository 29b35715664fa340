import {
  type AnswerSource,
  type Call,
  type ClientStats,
  createReadThrough,
  type JsonObject,
  type Outcome,
  RememError,
} from "@remem/core";
import {
  createRedact,
  type DeferredCalls,
  type DeferredFailure,
  type DeferredJob,
  type DeferredOptions,
  deferredCalls,
  type ListedBatch,
  readThroughOptions,
} from "@remem/core/plugin";
import { withAdmit } from "../answers/cache.ts";
import { type Message, messagesSurface } from "../surfaces/messages.ts";
import { scopeOf } from "../surfaces/scope.ts";
import { estimateTokens } from "../upstream/in-turn.ts";
import { DEFAULT_VERSION, HEADERS, messageBatchesApi } from "./batches-api.ts";
import { createHttp } from "./http.ts";
import { checkMessageBatchesOptions, type MessageBatchesOptions } from "./options.ts";
import { type MessageRequest, prepareMessage } from "./prepare.ts";

/** Submits requests to Anthropic's Message Batches. */
export interface MessageBatches extends AsyncDisposable {
  /**
   * Answers stored requests, and submits the others to the server's Message Batches, for half the price and within a day. Opens
   * a job of another process by its id.
   * @throws {RememError} with code `INVALID_OPTION` if the id is unknown
   * @throws {ProviderError} if a batch cannot be submitted, and a retry would not help
   * @throws {StoreError} if the store fails: it holds the state of the job
   */
  deferred(
    requests: Iterable<MessageRequest> | AsyncIterable<MessageRequest> | string,
    options?: DeferredOptions,
  ): Promise<DeferredJob<MessageResult | DeferredFailure>>;
  /**
   * Lists the batches of all processes that the store has recorded, in no particular order. Ended batches stay listed for a
   * week.
   */
  deferredBatches(): AsyncIterable<ListedBatch>;
  /** Counts the requests since its creation. */
  stats(): ClientStats;
  /** Closes the store, unless others use it. */
  close(): Promise<void>;
}

/** A message and its source. Changing it affects nothing else. */
export interface MessageResult {
  /** Left out of every answer: `if (result.error)` tells a failure. */
  error?: undefined;
  /** The message as a direct request would have returned it. */
  message: Message;
  /** True if this message cost nothing: it was stored before, or an earlier request of the job has paid for it. */
  cacheHit: boolean;
  /** Where the message came from. */
  source: AnswerSource;
  /** The key of the request, as `fetchKeys` returns it. */
  key: string;
}

const PATH = "/messages";
const CREDENTIALS: ReadonlySet<string> = new Set(["x-api-key", "authorization"]);

/**
 * Opens Anthropic's Message Batches with a cache. Requests have the same keys as in `cachedFetch`, so both share entries.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function messageBatches(options: MessageBatchesOptions): MessageBatches {
  checkMessageBatchesOptions(options);
  const { apiKey, baseURL = "https://api.anthropic.com", timeoutMs = 60_000, maxRetries = 5, admit } = options;
  const url = new URL(baseURL);
  url.pathname = `${url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1${PATH}`;
  const given = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const isKeyed = ([name]: readonly [string, string]): boolean => (HEADERS as readonly string[]).includes(name);
  const version = { "anthropic-version": DEFAULT_VERSION };
  const provider = url.host;
  const others = given.filter((one) => !isKeyed(one));
  const redact = createRedact([apiKey, ...others.map(([, value]) => value)]);
  const http = createHttp({
    base: `${url.origin}${url.pathname}`,
    headers: {
      ...(apiKey !== undefined && { "x-api-key": apiKey }),
      ...version,
      ...Object.fromEntries(others),
    },
    check() {
      if (apiKey !== undefined || others.some(([name]) => CREDENTIALS.has(name))) return;
      const problem =
        "There is no API key: give `apiKey`, set ANTHROPIC_API_KEY for `messageBatches` of remem, or give `headers`.";
      throw new RememError("MISSING_CREDENTIALS", problem);
    },
    provider,
    redact,
    timeoutMs,
    maxRetries,
    fetch: () => options.fetch ?? globalThis.fetch,
  });
  const readThrough = createReadThrough(readThroughOptions(options));
  const preparing = { url, headers: { ...version, ...Object.fromEntries(given.filter(isKeyed)) }, options };
  let calls: Promise<DeferredCalls<MessageRequest, MessageResult>> | undefined;

  function deferring(): Promise<DeferredCalls<MessageRequest, MessageResult>> {
    calls ??= deferredCalls({
      provider: { id: provider, scope: scopeOf(url, PATH) },
      api: messageBatchesApi(http, { provider, redact }),
      surface: withAdmit(messagesSurface.surface, admit),
      options,
      readThrough,
      blank: {},
      prepare: (item, own) => prepareMessage(preparing, item, own),
      estimate: (request) => estimateTokens(request, true),
      toResult,
    });
    return calls;
  }
  const close = (): Promise<void> => readThrough.close();
  return {
    deferred: async (requests, own) => (await deferring()).deferred(requests, own),
    async *deferredBatches() {
      yield* (await deferring()).deferredBatches();
    },
    stats: readThrough.stats,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function toResult({ key }: Call<JsonObject, Message>, { answer, source }: Outcome<Message>): MessageResult {
  const { remem: _, ...message } = answer;
  return { message: message as Message, cacheHit: source !== "provider", source, key };
}
