import { RememError } from "@remem/core/plugin";
import type { ChatClient } from "@remem/openai/plugin";
import type { Credential } from "./credential.ts";
import { deploymentAt, type Endpoint } from "./endpoint.ts";

export interface AzureClientOptions {
  /** The function that takes the options, for errors. */
  readonly where: string;
  readonly endpoint: Endpoint;
  /** Left out for files and batches, which belong to the resource. */
  readonly deployment?: string | undefined;
  readonly apiVersion: string | undefined;
  readonly apiKey: Credential["apiKey"];
  readonly timeout: number;
  readonly maxRetries: number;
  readonly fetch: typeof fetch;
}

/** Keeps the SDK from sending to Azure the values that the environment has for OpenAI. */
const WITHOUT_OPENAI_ENVIRONMENT = { organization: null, project: null, adminAPIKey: null };

/** Creates a client of the `openai` package for one deployment, or for the resource. */
export async function azureClient(options: AzureClientOptions): Promise<ChatClient> {
  const { where, endpoint, deployment, apiVersion, apiKey, ...limits } = options;
  const { resource, v1 } = endpoint;
  const common = { ...limits, ...WITHOUT_OPENAI_ENVIRONMENT };
  if (v1) {
    const { OpenAI } = await loadSdk();
    const query = apiVersion === undefined ? {} : { defaultQuery: { "api-version": apiVersion } };
    return new OpenAI({ ...common, ...query, apiKey, baseURL: `${resource}/openai/v1` }) as ChatClient;
  }
  const version = apiVersion ?? process.env.OPENAI_API_VERSION;
  if (!version) throw missingVersion(where);
  const { AzureOpenAI } = await loadSdk();
  return new AzureOpenAI({
    ...common,
    apiVersion: version,
    // The full address and an empty `apiKey` keep the SDK from reading OPENAI_BASE_URL and AZURE_OPENAI_API_KEY. The address
    // also escapes the deployment's name, which version 6 of the SDK would not.
    baseURL: deployment === undefined ? `${resource}/openai` : deploymentAt(resource, deployment),
    ...(typeof apiKey === "string" ? { apiKey } : { apiKey: "", azureADTokenProvider: apiKey }),
  }) as ChatClient;
}

/** Loaded on demand: loading takes longer than a hundred hits, and a run of hits does not need it. */
async function loadSdk(): Promise<typeof import("openai")> {
  try {
    return await import("openai");
  } catch (cause) {
    throw new RememError("MISSING_PACKAGE", "@remem/azure needs the package `openai`: npm install openai", { cause });
  }
}

function missingVersion(where: string): RememError {
  return new RememError(
    "INVALID_OPTION",
    `There is no API version: pass \`apiVersion\` to ${where}, or set OPENAI_API_VERSION. (None is needed where \`endpoint\` ends with /openai/v1.)`,
  );
}
