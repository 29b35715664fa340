import { checkCount, checkOptions, type LLMProvider } from "@remem/core/plugin";
import { OPENAI_ENDPOINT, scopeOf } from "./base-url.ts";
import { type ChatClient, chatCompletions } from "./chat-completions.ts";
import { completionsAt } from "./completions-at.ts";

export interface OpenAIProviderOptions {
  /** `OPENAI_API_KEY` by default. Read on the first request; a missing key is reported then. */
  readonly apiKey?: string;
  /** `OPENAI_BASE_URL` by default, else OpenAI's own endpoint. Any server that speaks Chat Completions. */
  readonly baseURL?: string;
  readonly organization?: string;
  readonly project?: string;
  /** The timeout of one attempt in milliseconds, up to the last byte of its answer. 60,000 by default. */
  readonly timeoutMs?: number;
  /** The number of retries after connection errors, timeouts, 408, 409, 429 and 5xx. 5 by default. */
  readonly maxRetries?: number;
  /** The largest answer accepted, in bytes after decompression. 32 MiB by default; a larger one is a `ProviderError`. */
  readonly maxResponseBytes?: number;
  /** Distinguishes equally named models of different servers in the key. The address by default; `false` for none. */
  readonly scope?: string | false;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /**
   * A client of the `openai` package instead of all options above except `scope` and `maxResponseBytes`. Its timeout and
   * retries apply.
   */
  readonly client?: OpenAIClient;
}

/** The part of a client of the `openai` package that is used. */
export interface OpenAIClient {
  readonly baseURL: string;
  readonly apiKey?: unknown;
  readonly timeout: number;
  withOptions(options: { readonly fetch: typeof fetch }): ChatClient;
}

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
  checkOptions("openaiProvider", options, KNOWN);
  checkCount("openaiProvider", "timeoutMs", options.timeoutMs);
  checkCount("openaiProvider", "maxRetries", options.maxRetries, 0);
  checkCount("openaiProvider", "maxResponseBytes", options.maxResponseBytes);
  const { client } = options;
  if (client !== undefined) {
    checkOptions("openaiProvider with a client", options, { client: true, scope: true, maxResponseBytes: true });
  }
  const baseURL = client?.baseURL ?? options.baseURL ?? (process.env.OPENAI_BASE_URL || OPENAI_ENDPOINT);
  const scope = options.scope === false ? undefined : (options.scope ?? scopeOf(baseURL));

  return {
    specVersion: 1,
    id: "openai",
    ...(scope !== undefined && { scope }),
    generate: client === undefined ? generateByOptions(baseURL, options) : generateByClient(client, options),
  };
}

function generateByOptions(baseURL: string, options: OpenAIProviderOptions): LLMProvider["generate"] {
  return completionsAt({
    ...options,
    id: "openai",
    baseURL,
    apiKey: () => options.apiKey ?? process.env.OPENAI_API_KEY,
    missingKey:
      "pass `apiKey` to openaiProvider, or set OPENAI_API_KEY. (For a local server that does not check keys, pass any string.)",
  });
}

function generateByClient(client: OpenAIClient, { maxResponseBytes }: OpenAIProviderOptions): LLMProvider["generate"] {
  return chatCompletions({
    id: "openai",
    timeoutMs: client.timeout,
    maxResponseBytes,
    fetch: (client as { fetch?: typeof fetch }).fetch, // Private in the SDK's types; `withOptions` would lose it otherwise.
    secrets: () => [typeof client.apiKey === "string" ? client.apiKey : undefined],
    connect: async (fetch) => client.withOptions({ fetch }),
  });
}
