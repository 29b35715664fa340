import {
  type ChatChoice,
  type ChatCompletion,
  type ChatRequest,
  checkCount,
  checkOptions,
  type LLMProvider,
  RememError,
} from "@remem/core/plugin";
import {
  type BatchServer,
  type Completions,
  chatBatches,
  chatCompletions,
  type OpenAIProviderOptions,
} from "@remem/openai/plugin";
import { azureClient } from "./azure-client.ts";
import type { ContentFilterChoiceResults, ContentFilterPromptResults } from "./content-filter.ts";
import { credentialFor } from "./credential.ts";
import { deploymentAt, type Endpoint, endpointAt } from "./endpoint.ts";
import { hint } from "./error-hint.ts";

/** The options of `azureProvider`. */
export interface AzureProviderOptions extends Pick<OpenAIProviderOptions, "maxRetries" | "maxResponseBytes" | "fetch"> {
  /**
   * The address of the resource, `AZURE_OPENAI_ENDPOINT` by default. If it ends with `/openai/v1`, requests go to the v1
   * API, otherwise to the dated one.
   */
  readonly endpoint?: string | undefined;
  /** The version of the dated API, `OPENAI_API_VERSION` by default. The v1 API needs none and ignores the variable. */
  readonly apiVersion?: string | undefined;
  /** The deployment for all requests, regardless of their `model`. By default, `model` names the deployment. */
  readonly deployment?: string | undefined;
  /** `AZURE_OPENAI_API_KEY` by default. Read on the first request; a missing key is reported then. */
  readonly apiKey?: string | undefined;
  /**
   * Returns a Microsoft Entra ID token for every attempt, such as `getBearerTokenProvider(…)` of `@azure/identity`. Takes
   * precedence over the variables, and excludes `apiKey`. By default the token in `AZURE_OPENAI_AD_TOKEN`, which takes
   * precedence over the variable of the key.
   */
  readonly azureADTokenProvider?: (() => Promise<string>) | undefined;
  /**
   * The timeout of one attempt in milliseconds, up to the last byte of its answer. It also limits the request for a token.
   * 60,000 by default. For a stream, it limits the time to the first byte, and then the longest silence.
   */
  readonly timeoutMs?: number | undefined;
  /** Distinguishes equally named models in the key. Resource and `deployment` by default; `false` for none. */
  readonly scope?: string | false | undefined;
}

/** An answer with the results of Azure's content filter: `result.completion as AzureChatCompletion`. */
export interface AzureChatCompletion extends ChatCompletion {
  /** At least one, each with the results of the filter. */
  readonly choices: readonly AzureChatChoice[];
  /** The findings of the filter in the prompts. */
  readonly prompt_filter_results?: readonly ContentFilterPromptResults[];
}

/** One of the `n` answers to a request. */
export interface AzureChatChoice extends ChatChoice {
  /** The findings of the filter in the answer. */
  readonly content_filter_results?: ContentFilterChoiceResults;
}

const KNOWN = {
  endpoint: true,
  apiVersion: true,
  deployment: true,
  apiKey: true,
  azureADTokenProvider: true,
  timeoutMs: true,
  maxRetries: true,
  maxResponseBytes: true,
  scope: true,
  fetch: true,
} as const satisfies Record<keyof AzureProviderOptions, true>;

/**
 * A provider for the deployments of an Azure OpenAI resource. Loads the `openai` package on the first request.
 *
 * The endpoint is checked immediately, because the key needs it for the scope. Credentials and version are checked on the
 * first request, because hits need neither.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function azureProvider(options: AzureProviderOptions = {}): LLMProvider {
  return azureProviderFor("azureProvider", options);
}

/** Creates the provider for a function with another name, which the messages of its errors contain. */
export function azureProviderFor(where: string, options: AzureProviderOptions): LLMProvider {
  check(where, options);
  const { deployment, apiVersion, timeoutMs = 60_000, maxRetries = 5, maxResponseBytes, fetch } = options;
  const address = options.endpoint ?? (process.env.AZURE_OPENAI_ENDPOINT || undefined);
  const endpoint = address === undefined ? undefined : endpointAt(address, where);
  function completionsFor({ model }: ChatRequest): Completions {
    const resolved = required(endpoint, where);
    const { apiKey, secrets } = credentialFor(options, { where, timeoutMs });
    // One per call, because each call has its own address and secrets.
    return chatCompletions({
      id: "azure",
      timeoutMs,
      maxResponseBytes,
      fetch,
      secrets: () => secrets,
      hint,
      connect: (fetch) =>
        azureClient({
          where,
          endpoint: resolved,
          deployment: deployment ?? model,
          apiVersion,
          apiKey,
          timeout: timeoutMs,
          maxRetries,
          fetch,
        }),
    });
  }
  let secrets: readonly string[] = [];
  const deferred = chatBatches(
    {
      id: "azure",
      timeoutMs,
      maxResponseBytes,
      fetch,
      secrets: () => secrets,
      hint,
      async connect(fetch) {
        const resolved = required(endpoint, where);
        const credential = credentialFor(options, { where, timeoutMs });
        ({ secrets } = credential);
        const { apiKey } = credential;
        return azureClient({ where, endpoint: resolved, apiVersion, apiKey, timeout: timeoutMs, maxRetries, fetch });
      },
    },
    {
      ...(endpoint?.v1 ? V1_BATCHES : DATED_BATCHES),
      maxRetries,
      toLine: (request) => ({ ...request, model: deployment ?? request.model }),
    },
  );
  const sent = (request: ChatRequest): ChatRequest =>
    endpoint?.v1 ? { ...request, model: deployment ?? request.model } : request;
  const scope = options.scope === false ? undefined : (options.scope ?? scopeOf(required(endpoint, where), deployment));

  return {
    specVersion: 1,
    id: "azure",
    ...(scope !== undefined && { scope }),
    generate: async (request, context) => completionsFor(request).generate(sent(request), context),
    async *stream(request, context) {
      yield* completionsFor(request).stream(sent(request), context);
    },
    deferred,
  };
}

/**
 * Batches of deployments of the kind Global-Batch, or Data-Zone-Batch: https://learn.microsoft.com/azure/ai-services/openai/how-to/batch
 * A resource keeps 500 files without an expiry, and more with one, which is 14 days at least.
 */
const V1_BATCHES: BatchServer = {
  limits: { maxRequests: 100_000, maxBytes: 200e6 },
  endpoint: "/v1/chat/completions",
  expiresAfter: 14 * 24 * 60 * 60,
};
const DATED_BATCHES: BatchServer = { limits: V1_BATCHES.limits, endpoint: "/chat/completions" };

/** The resource, plus the deployment if it is fixed. Otherwise the `model` names the deployment, and is in the key anyway. */
function scopeOf({ resource }: Endpoint, deployment: string | undefined): string {
  return deployment === undefined ? resource : deploymentAt(resource, deployment);
}

function required(endpoint: Endpoint | undefined, where: string): Endpoint {
  if (endpoint !== undefined) return endpoint;
  const problem = `There is no endpoint: pass \`endpoint\` to ${where}, or set AZURE_OPENAI_ENDPOINT.`;
  throw new RememError("INVALID_OPTION", problem);
}

function check(where: string, options: AzureProviderOptions): void {
  checkOptions(where, options, KNOWN);
  checkCount(where, "timeoutMs", options.timeoutMs);
  checkCount(where, "maxRetries", options.maxRetries, 0);
  checkCount(where, "maxResponseBytes", options.maxResponseBytes);
  const { deployment, apiKey, azureADTokenProvider } = options;
  if (deployment !== undefined && (typeof deployment !== "string" || deployment === "")) {
    throw invalidOption(where, "`deployment` must be a non-empty string, or be left out");
  }
  if (azureADTokenProvider !== undefined && typeof azureADTokenProvider !== "function") {
    throw invalidOption(where, "`azureADTokenProvider` must be a function that resolves to a token");
  }
  if (azureADTokenProvider !== undefined && apiKey !== undefined) {
    throw invalidOption(where, "pass either `apiKey` or `azureADTokenProvider`, not both");
  }
}

function invalidOption(where: string, problem: string): RememError {
  return new RememError("INVALID_OPTION", `${where}: ${problem}.`);
}
