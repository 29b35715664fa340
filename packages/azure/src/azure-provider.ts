import type { ContentFilterResultsForChoiceOutput, ContentFilterResultsForPromptOutput } from "@azure/openai/types";
import {
  type ChatChoice,
  type ChatCompletion,
  checkCount,
  checkOptions,
  type LLMProvider,
  RememError,
} from "@remem/core";
import { chatCompletions, type OpenAIProviderOptions } from "@remem/openai";
import { azureClient } from "./azure-client.ts";
import { credentialFor } from "./credential.ts";
import { deploymentAt, type Endpoint, endpointAt } from "./endpoint.ts";
import { hint } from "./error-hint.ts";

export interface AzureProviderOptions extends Pick<OpenAIProviderOptions, "maxRetries" | "maxResponseBytes" | "fetch"> {
  /**
   * The address of the resource, `AZURE_OPENAI_ENDPOINT` by default. Where it ends with `/openai/v1` requests go to the
   * v1 API, else to the dated one.
   */
  readonly endpoint?: string;
  /** The version of the dated API, `OPENAI_API_VERSION` by default. The v1 API needs none, and reads no variable. */
  readonly apiVersion?: string;
  /** The deployment that answers, whatever `model` a request has. By default that model is its deployment. */
  readonly deployment?: string;
  /** `AZURE_OPENAI_API_KEY` by default. Read, and missed, when the first request is sent. */
  readonly apiKey?: string;
  /**
   * Gives a token of Microsoft Entra ID, for every attempt: for example `getBearerTokenProvider(…)` of `@azure/identity`.
   * Goes before the variables, and not together with `apiKey`. `AZURE_OPENAI_AD_TOKEN` by default, which goes before the
   * variable of the key.
   */
  readonly azureADTokenProvider?: () => Promise<string>;
  /** The time limit of one attempt in milliseconds, until the last byte of its answer; also of its token. 60,000 by default. */
  readonly timeoutMs?: number;
  /** Whose model it is, for the key. By default resource and `deployment`; false: the model's name says it all. */
  readonly scope?: string | false;
}

/** An answer of Azure's, with what its content filter says: `result.completion as AzureChatCompletion`. */
export interface AzureChatCompletion extends ChatCompletion {
  readonly choices: readonly AzureChatChoice[];
  readonly prompt_filter_results?: readonly ContentFilterResultsForPromptOutput[];
}

export interface AzureChatChoice extends ChatChoice {
  readonly content_filter_results?: ContentFilterResultsForChoiceOutput;
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
 * The deployments of a resource of Azure OpenAI. The `openai` package is loaded with the first request.
 *
 * What the key needs is checked here: without `endpoint` there is no scope. What only a request needs is missed when the
 * first one is sent, since stored answers need none of it.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function azureProvider(options: AzureProviderOptions = {}): LLMProvider {
  check(options);
  const { deployment, apiVersion, timeoutMs = 60_000, maxRetries = 5, maxResponseBytes, fetch } = options;
  const address = options.endpoint ?? (process.env.AZURE_OPENAI_ENDPOINT || undefined);
  const endpoint = address === undefined ? undefined : endpointAt(address);
  const scope = options.scope === false ? undefined : (options.scope ?? scopeOf(required(endpoint), deployment));

  return {
    specVersion: 1,
    id: "azure",
    ...(scope !== undefined && { scope }),
    async generate(request, context) {
      const resolved = required(endpoint);
      const { apiKey, secrets } = credentialFor(options, timeoutMs);
      const model = deployment ?? request.model;
      // One for each call, since each has an address and secrets of its own.
      const generate = chatCompletions({
        id: "azure",
        timeoutMs,
        maxResponseBytes,
        fetch,
        secrets: () => secrets,
        hint,
        connect: (fetch) =>
          azureClient({
            endpoint: resolved,
            deployment: model,
            apiVersion,
            apiKey,
            timeout: timeoutMs,
            maxRetries,
            fetch,
          }),
      });
      return generate(resolved.v1 ? { ...request, model } : request, context);
    },
  };
}

/** The resource, and the deployment where all requests go to one; else it is the `model` that is in the key anyway. */
function scopeOf({ resource }: Endpoint, deployment: string | undefined): string {
  return deployment === undefined ? resource : deploymentAt(resource, deployment);
}

function required(endpoint: Endpoint | undefined): Endpoint {
  if (endpoint !== undefined) return endpoint;
  const problem = "There is no endpoint: pass `endpoint` to azureProvider, or set AZURE_OPENAI_ENDPOINT.";
  throw new RememError("INVALID_OPTION", problem);
}

function check(options: AzureProviderOptions): void {
  checkOptions("azureProvider", options, KNOWN);
  checkCount("azureProvider", "timeoutMs", options.timeoutMs);
  checkCount("azureProvider", "maxRetries", options.maxRetries, 0);
  checkCount("azureProvider", "maxResponseBytes", options.maxResponseBytes);
  const { deployment, apiKey, azureADTokenProvider } = options;
  if (deployment !== undefined && (typeof deployment !== "string" || deployment === "")) {
    throw invalidOption("`deployment` must be the name of one, or left out");
  }
  if (azureADTokenProvider !== undefined && typeof azureADTokenProvider !== "function") {
    throw invalidOption("`azureADTokenProvider` must be a function that resolves to a token");
  }
  if (azureADTokenProvider !== undefined && apiKey !== undefined) {
    throw invalidOption("take either `apiKey` or `azureADTokenProvider`, not both");
  }
}

function invalidOption(problem: string): RememError {
  return new RememError("INVALID_OPTION", `azureProvider: ${problem}.`);
}
