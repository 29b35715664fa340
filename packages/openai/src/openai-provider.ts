import { checkCount, checkOptions, type LLMProvider } from "@remem/core";
import { OPENAI_ENDPOINT, scopeOf } from "./base-url.ts";
import { type ChatClient, chatCompletions } from "./chat-completions.ts";
import { completionsAt } from "./completions-at.ts";

export interface OpenAIProviderOptions {
  /** `OPENAI_API_KEY` by default. Read, and missed, when the first request is sent. */
  readonly apiKey?: string;
  /** `OPENAI_BASE_URL` by default, else OpenAI's own endpoint. Any server that speaks Chat Completions. */
  readonly baseURL?: string;
  readonly organization?: string;
  readonly project?: string;
  /** The time limit of one attempt in milliseconds, until the last byte of its answer. 60,000 by default. */
  readonly timeoutMs?: number;
  /** How often a failed attempt is repeated: connection errors, time limits, 408, 409, 429 and 5xx. 5 by default. */
  readonly maxRetries?: number;
  /** The largest answer that is read, in bytes after decompression. 32 MiB by default; a larger one is a `ProviderError`. */
  readonly maxResponseBytes?: number;
  /** Whose model it is, for the key. By default the address; false: the model's name says it all. */
  readonly scope?: string | false;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** A ready-made client of the `openai` package, instead of all of the above but `scope` and `maxResponseBytes`; its limits and retries apply. */
  readonly client?: OpenAIClient;
}

/** What is needed of a client of the `openai` package. */
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

/** OpenAI and every server that speaks its Chat Completions. The `openai` package is loaded with the first request. */
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
      "pass `apiKey` to openaiProvider, or set OPENAI_API_KEY. (A local server that checks none takes any text.)",
  });
}

function generateByClient(client: OpenAIClient, { maxResponseBytes }: OpenAIProviderOptions): LLMProvider["generate"] {
  return chatCompletions({
    id: "openai",
    timeoutMs: client.timeout,
    maxResponseBytes,
    fetch: (client as { fetch?: typeof fetch }).fetch, // Private in the SDK's types; without it `withOptions` would lose it.
    secrets: () => [typeof client.apiKey === "string" ? client.apiKey : undefined],
    connect: async (fetch) => client.withOptions({ fetch }),
  });
}
