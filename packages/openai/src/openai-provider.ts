import { checkCount, checkOptions, type DeferredApi, type LLMProvider } from "@remem/core/plugin";
import { OPENAI_ENDPOINT, serverAddress } from "./base-url.ts";
import type { ChatClient } from "./client/chat-client.ts";
import { callThrough } from "./client/shared-client.ts";
import { type Completions, completions } from "./completions.ts";
import { completionsAt } from "./completions-at.ts";
import { type BatchServer, batchesAt, deferredApi, OPENAI_LIMITS } from "./deferred/deferred.ts";
import { clientScope, serverScope, unlessOpenAI } from "./scope.ts";
import type { CompletionsOptions } from "./session.ts";

/** The options of `openaiProvider`. */
export interface OpenAIProviderOptions {
  /** `OPENAI_API_KEY` by default. Read on the first request; a missing key is reported then. */
  readonly apiKey?: string | undefined;
  /**
   * `OPENAI_BASE_URL` by default, else OpenAI's own endpoint. Any server that speaks Chat Completions. A query in it is sent
   * with every request.
   */
  readonly baseURL?: string | undefined;
  /** The organization that is billed: `OPENAI_ORG_ID` by default. Not in the key. */
  readonly organization?: string | undefined;
  /** The project that is billed: `OPENAI_PROJECT_ID` by default. Not in the key. */
  readonly project?: string | undefined;
  /**
   * The timeout of one attempt in milliseconds, up to the last byte of its answer. 60,000 by default. For a stream, it limits
   * the time to the first byte, and then the longest silence.
   */
  readonly timeoutMs?: number | undefined;
  /** The number of retries after connection errors, timeouts, 408, 409, 429 and 5xx. 5 by default. */
  readonly maxRetries?: number | undefined;
  /** The largest answer accepted, in bytes after decompression. 32 MiB by default; a larger one is a `ProviderError`. */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Distinguishes equally named models of different servers in the key; `false` for none. By default the address, and a hash of
   * its query. For a `client`, also its default query and headers, except those that only identify the caller.
   */
  readonly scope?: string | false | undefined;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * A client of the `openai` package instead of all options above except `scope` and `maxResponseBytes`: an `OpenAI` or
   * `AzureOpenAI`, a subclass, or an instrumented one. It is used as it is, and its timeout and retries apply.
   *
   * Its `fetch` is replaced once by a function that limits the answers to this provider, and tells the client which of them
   * not to retry. For all other calls, it calls the original.
   */
  readonly client?: OpenAIClient | undefined;
}

/** The part of a client of the `openai` package that is used. */
export interface OpenAIClient extends ChatClient {
  /** The address of the server, which is in the key unless it is that of OpenAI. */
  readonly baseURL: string;
  /** Redacted from errors. */
  readonly apiKey?: unknown | undefined;
  /** 600,000 by default, as in the SDK. */
  readonly timeout?: number | undefined;
}

/** The default of the SDK. */
const SDK_TIMEOUT_MS = 600_000;

const KNOWN = {
  apiKey: true,
  baseURL: true,
  organization: true,
  project: true,
  timeoutMs: true,
  maxRetries: true,
  maxResponseBytes: true,
  scope: true,
  fetch: true,
  client: true,
} as const satisfies Record<keyof OpenAIProviderOptions, true>;

/**
 * A provider for OpenAI and every server compatible with its Chat Completions. Loads the `openai` package on the first
 * request.
 */
export function openaiProvider(options: OpenAIProviderOptions = {}): LLMProvider {
  return openaiProviderFor("openaiProvider", options);
}

/** Creates the provider for a function with another name, which the messages of its errors contain. */
export function openaiProviderFor(where: string, options: OpenAIProviderOptions): LLMProvider {
  checkOptions(where, options, KNOWN);
  checkCount(where, "timeoutMs", options.timeoutMs);
  checkCount(where, "maxRetries", options.maxRetries, 0);
  checkCount(where, "maxResponseBytes", options.maxResponseBytes);
  const { scope, generate, stream, deferred } =
    options.client === undefined ? byOptions(where, options) : byClient(where, options.client, options);
  const chosen = options.scope === false ? undefined : (options.scope ?? unlessOpenAI(scope()));

  return { specVersion: 1, id: "openai", ...(chosen !== undefined && { scope: chosen }), generate, stream, deferred };
}

interface Parts extends Completions {
  /** The default scope. */
  scope(): string;
  readonly deferred: DeferredApi | undefined;
}

const BATCHES: BatchServer = { limits: OPENAI_LIMITS, endpoint: "/v1/chat/completions" };

function byOptions(where: string, options: OpenAIProviderOptions): Parts {
  const baseURL = options.baseURL ?? (process.env.OPENAI_BASE_URL || OPENAI_ENDPOINT);
  const option = { where, option: "baseURL" };
  serverAddress(baseURL, option);
  const server = {
    ...options,
    id: "openai",
    baseURL,
    apiKey: () => options.apiKey ?? process.env.OPENAI_API_KEY,
    missingKey: `pass \`apiKey\` to ${where}, or set OPENAI_API_KEY. (For a local server that does not check keys, pass any string.)`,
  };
  return {
    scope: () => serverScope(baseURL, option),
    ...completionsAt(server),
    deferred: batchesAt(server, BATCHES),
  };
}

function byClient(where: string, client: OpenAIClient, options: OpenAIProviderOptions): Parts {
  const named = `${where} with a client`;
  checkOptions(named, options, { client: true, scope: true, maxResponseBytes: true });
  const sessions: CompletionsOptions = {
    id: "openai",
    timeoutMs: client.timeout ?? SDK_TIMEOUT_MS,
    timeoutOption: "the client's `timeout`",
    maxResponseBytes: options.maxResponseBytes,
    secrets: () => [typeof client.apiKey === "string" ? client.apiKey : undefined],
    open: async (around) => ({ client, within: (call) => callThrough(client, around, call) }),
  };
  const { post, maxRetries } = client as { readonly post?: unknown; readonly maxRetries?: number };
  return {
    scope: () => clientScope(client, { where: named, option: "baseURL" }),
    ...completions(sessions),
    deferred: typeof post === "function" ? deferredApi(sessions, { ...BATCHES, maxRetries }) : undefined,
  };
}
