import type { JsonValue } from "../json/json-value.ts";

/** One message, by the names of the Chat Completions wire. */
export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
  readonly content?: JsonValue;
  readonly [member: string]: JsonValue | undefined;
}

/** A message as callers have it: also one whose type is an interface, such as those of the `openai` package. */
export type MessageInput =
  | ChatMessage
  | { readonly role: ChatMessage["role"]; readonly content?: string | null | readonly object[] };

/**
 * What is sent besides the messages, each by its wire name. Every member is part of the key, except the few that
 * cannot change an answer (see `cacheKey`), so a parameter that remem has never heard of is safe to use.
 */
export interface ChatParams extends CommonParams {
  /** The model's name, as the server knows it. */
  readonly model: string;
}

/** `Partial<ChatParams>`, spelt out because editors lose the docs of a mapped type's members. */
export interface CallParams extends CommonParams {
  /** The client's model, unless given. */
  readonly model?: string | undefined;
}

interface CommonParams {
  /** Sampling temperature, 0 to 2. Many newer models refuse any but their default. */
  readonly temperature?: number | null | undefined;
  /** Nucleus sampling: the share of probability that is sampled from, 0 to 1. */
  readonly top_p?: number | null | undefined;
  /** Asks for a repeatable answer. Many newer models refuse it. */
  readonly seed?: number | null | undefined;
  /** The most tokens of an answer, those of its reasoning included. */
  readonly max_completion_tokens?: number | null | undefined;
  /** The same for older models and other servers. */
  readonly max_tokens?: number | null | undefined;
  /** Texts that end the answer, at most four. */
  readonly stop?: string | readonly string[] | null | undefined;
  /** How many choices, 1 to 128; `response` is that of the first. For independent answers see the option `sample`. */
  readonly n?: number | null | undefined;
  /** `{ type: "json_object" }` or `{ type: "json_schema", json_schema }` is JSON mode; the fence around an answer is removed then. */
  readonly response_format?:
    | { readonly type: string; readonly [member: string]: JsonValue | undefined }
    | null
    | undefined;
  /** Functions that the model may call; its calls are in `completion`. */
  readonly tools?: readonly JsonValue[] | undefined;
  /** `"none"`, `"auto"`, `"required"`, or the tool to call. */
  readonly tool_choice?: JsonValue | undefined;
  /** How long a reasoning model thinks: `"none"`, `"minimal"`, `"low"`, `"medium"`, `"high"` and more, by model. */
  readonly reasoning_effort?: string | null | undefined;
  /** -2 to 2; above 0 the model repeats itself less. */
  readonly frequency_penalty?: number | null | undefined;
  /** -2 to 2; above 0 the model turns to new topics more. */
  readonly presence_penalty?: number | null | undefined;
  /** Whether to give the probabilities of the answer's tokens. */
  readonly logprobs?: boolean | null | undefined;
  /** Qwen3's thinking mode, where the provider knows it. */
  readonly enable_thinking?: boolean | undefined;
  /** Its members are sent beside the parameters, over those of the same name, as by the `openai` package for Python. */
  readonly extra_body?: { readonly [member: string]: JsonValue | undefined } | null | undefined;
  /** Whatever else the server takes. */
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
