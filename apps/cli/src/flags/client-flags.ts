import {
  type Budget,
  type CacheMode,
  type CacheStore,
  type CallParams,
  type ChatCompletion,
  type ChatRequest,
  type Client,
  createRemem,
  type InferRequest,
  type ProviderName,
  RememError,
  type RememEvent,
  storeFromUrl,
} from "remem";
import { inMilliseconds } from "../config/resolve-flags.ts";
import type { ConfiguredFlags } from "./configured-flags.ts";
import { inFlags } from "./in-flags.ts";
import { journalOf } from "./journal-flags.ts";
import { UsageError } from "./usage-error.ts";

/** The model for requests that name none. */
export const DEFAULT_MODEL = "gpt-4o-mini";

export interface ClientFlags extends ConfiguredFlags {
  readonly model?: string;
  readonly store?: string;
  readonly cache: CacheMode;
  readonly provider?: ProviderName;
  readonly baseUrl?: string;
  readonly param: CallParams;
  /** The timeout of one attempt, in seconds. */
  readonly timeout?: number;
  readonly retries?: number;
  /** The maximum number of requests per minute. */
  readonly rpm?: number;
  /** The maximum number of tokens per minute. */
  readonly tpm?: number;
  /** The longest wait for a rate limit of the server, in seconds. */
  readonly maxWait?: number;
  /** Keys as CacheOpenAI does: without the server, and with whole numbers as Python's ints, or the temperature as a float. */
  readonly pythonKeys?: "int" | "float";
  /** The file that calls are recorded in; true for the usual one, false for none. */
  readonly journal?: string | boolean;
}

interface ClientSetup {
  /** An open store to use instead of that of the flags. */
  readonly store?: CacheStore | undefined;
  /** The model whose file is used if the store is a directory. That of the flags by default. */
  readonly storeModel?: string | undefined;
  readonly budget?: Budget<ChatRequest, ChatCompletion> | undefined;
  onEvent?(event: RememEvent): void;
}

/** @throws {UsageError} if a flag cannot be used */
export function createClientFor(
  flags: ClientFlags,
  { store: opened, storeModel, budget, onEvent }: ClientSetup = {},
): Client {
  const { model, store, cache, provider, baseUrl, param, timeout, retries, rpm, tpm, maxWait, ttlMs, pythonKeys } =
    flags;
  try {
    return createRemem({
      cache,
      model,
      store: opened ?? storeAt(store, storeModel ?? model ?? modelIn(param)),
      params: param,
      provider,
      baseURL: baseUrl,
      timeoutMs: inMilliseconds(timeout),
      maxRetries: retries,
      ttlMs,
      config: false, // The flags are completed already.
      limits: { rpm, tpm, maxWaitMs: inMilliseconds(maxWait), budget },
      ...(pythonKeys !== undefined && { scope: false }),
      ...(pythonKeys === "int" && { floats: () => false }),
      onEvent,
      journal: journalOf(flags.journal),
    });
  } catch (error) {
    if (!RememError.is(error) || (error.code !== "INVALID_OPTION" && error.code !== "MISSING_PACKAGE")) throw error;
    throw new UsageError(inFlags(error.message), { cause: error });
  }
}

/** A request as the client sends it, with what the flags add. */
export function requestWith(
  { model, param }: Pick<ClientFlags, "model" | "param">,
  request: InferRequest,
): ChatRequest {
  const { messages } = request;
  const list = typeof messages === "string" ? [{ role: "user", content: messages }] : messages;
  return { model: model ?? DEFAULT_MODEL, ...param, ...request, messages: list } as ChatRequest;
}

/** The address of the server, if it is not OpenAI's. */
export function serverOf({ provider, baseUrl }: Pick<ClientFlags, "provider" | "baseUrl">): string | undefined {
  const variable = provider === "azure" ? "AZURE_OPENAI_ENDPOINT" : "OPENAI_BASE_URL";
  return baseUrl ?? (process.env[variable] || undefined);
}

/** Opens the store of the flags, which the configuration file has completed. */
export function storeAt(url: string | undefined, model: string = DEFAULT_MODEL): CacheStore {
  return storeFromUrl(url, { model, config: false });
}

function modelIn({ model }: CallParams): string | undefined {
  return typeof model === "string" ? model : undefined;
}
