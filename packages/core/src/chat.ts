/** What can be sent and stored as JSON. Members that are `undefined` are not there. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue | undefined };

/** One message, by the names of the Chat Completions wire. */
export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
  readonly content?: JsonValue;
  readonly [member: string]: JsonValue | undefined;
}

/**
 * What is sent besides the messages, each by its wire name. Every member is part of the key, except the few that
 * cannot change an answer (see `cacheKey`), so a parameter that remem has never heard of is safe to use.
 */
export interface ChatParams {
  readonly model: string;
  /** Asks for a repeatable answer. Many newer models refuse it. */
  readonly seed?: number | null;
  /** Sampling temperature, 0 to 2. Many newer models refuse any but their default. */
  readonly temperature?: number | null;
  /** `{ type: "json_object" }` or `{ type: "json_schema", json_schema }` is JSON mode; the fence around an answer is removed then. */
  readonly response_format?: { readonly type: string; readonly [member: string]: JsonValue | undefined } | null;
  /** Qwen3's thinking mode, where the provider knows it. */
  readonly enable_thinking?: boolean;
  readonly [parameter: string]: JsonValue | undefined;
}

/** One request: the parameters and the messages they go with. */
export interface ChatRequest extends ChatParams {
  readonly messages: readonly ChatMessage[];
}

/** The Chat Completions answer as it came, unknown members kept. */
export interface ChatCompletion {
  readonly id: string;
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  readonly choices: readonly ChatChoice[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
    readonly [member: string]: JsonValue | undefined;
  } | null;
  readonly [member: string]: unknown;
}

export interface ChatChoice {
  readonly index: number;
  readonly finish_reason: string;
  readonly message: { readonly role: string; readonly content: string | null; readonly [member: string]: unknown };
  readonly [member: string]: unknown;
}
