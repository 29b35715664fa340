import type { OtherServersParams } from "./other-servers-params.ts";

/**
 * The parameters that are sent with the messages, by their wire names. Every member is part of the key, except the few that
 * cannot change an answer (see `cacheKey`). The list makes a misspelt name a compile error. Put a parameter that is not
 * listed into `extra_body`: it is sent and keyed like the others.
 */
export interface CallParams extends KnownParams<object>, OtherServersParams {
  /** The client's model by default. */
  readonly model?: string | undefined;
  /** These calls return whole answers. */
  readonly stream?: false | null | undefined;
}

/** The parameters of a client: `CallParams` with a model. */
export interface ClientParams extends CallParams {
  /** The model's name, as the server knows it. */
  readonly model: string;
}

/**
 * The parameters of OpenAI's Chat Completions. `Value` is the type of an object: any object for a caller, JSON for a
 * provider.
 */
export interface KnownParams<Value extends object> {
  /** Sampling temperature, 0 to 2. Many newer models accept only their default. */
  readonly temperature?: number | null | undefined;
  /** Nucleus sampling: the share of probability that is sampled from, 0 to 1. */
  readonly top_p?: number | null | undefined;
  /** Asks for a repeatable answer. Many newer models refuse it. */
  readonly seed?: number | null | undefined;
  /** The maximum number of tokens of an answer, including its reasoning. */
  readonly max_completion_tokens?: number | null | undefined;
  /** The same for older models and other servers. */
  readonly max_tokens?: number | null | undefined;
  /** Texts that end the answer, at most four. */
  readonly stop?: string | readonly string[] | null | undefined;
  /** The number of choices, 1 to 128; `response` is the text of the first. For independent answers see the option `sample`. */
  readonly n?: number | null | undefined;
  /**
   * `{ type: "json_object" }` or `{ type: "json_schema", json_schema }` turns on JSON mode: the client then removes a code
   * fence around the answer. The option `schema` sets it.
   */
  readonly response_format?: ResponseFormat<Value> | null | undefined;
  /** Functions that the model may call; its calls are in `completion`. */
  readonly tools?: ReadonlyArray<Tool<Value>> | null | undefined;
  /** `"none"`, `"auto"`, `"required"`, or the tool to call. */
  readonly tool_choice?: string | Value | null | undefined;
  /** Whether the model may call several tools at once. */
  readonly parallel_tool_calls?: boolean | null | undefined;
  /** How long a reasoning model thinks: `"none"`, `"minimal"`, `"low"`, `"medium"`, `"high"` and more, by model. */
  readonly reasoning_effort?: string | null | undefined;
  /** How long the answer is: `"low"`, `"medium"` or `"high"`. */
  readonly verbosity?: string | null | undefined;
  /** -2 to 2; above 0 the model repeats itself less. */
  readonly frequency_penalty?: number | null | undefined;
  /** -2 to 2; above 0 the model turns to new topics more. */
  readonly presence_penalty?: number | null | undefined;
  /** The bias from -100 to 100 that the server adds to a token's score, by token. */
  readonly logit_bias?: { readonly [token: string]: number } | null | undefined;
  /** Whether to give the probabilities of the answer's tokens. */
  readonly logprobs?: boolean | null | undefined;
  /** How many of the likeliest tokens to give at each place, 0 to 20. */
  readonly top_logprobs?: number | null | undefined;
  /** `"text"`, and `"audio"` with a model that speaks. */
  readonly modalities?: readonly string[] | null | undefined;
  /** Voice and format of a spoken answer. */
  readonly audio?: Value | null | undefined;
  /** Text that the answer will mostly repeat. */
  readonly prediction?: Value | null | undefined;
  /** Lets the model search the web. */
  readonly web_search_options?: Value | null | undefined;
  /** Checks request and answer with a moderation model. */
  readonly moderation?: Value | null | undefined;
  /** The older form of `tools`. */
  readonly functions?: readonly Value[] | null | undefined;
  /** The older form of `tool_choice`. */
  readonly function_call?: string | Value | null | undefined;
  /** Identifies the user to the provider. Not in the key. */
  readonly user?: string | null | undefined;
  /** Identifies the user to the provider. Not in the key. */
  readonly safety_identifier?: string | null | undefined;
  /** Routes equal prefixes to the same machine of the provider. Not in the key. */
  readonly prompt_cache_key?: string | null | undefined;
  /** How long the provider caches the prefix. Not in the key. */
  readonly prompt_cache_retention?: string | null | undefined;
  /** How the provider caches the prefix. Not in the key. */
  readonly prompt_cache_options?: Value | null | undefined;
  /** Labels that the provider keeps. Not in the key. */
  readonly metadata?: { readonly [name: string]: string } | null | undefined;
  /** Whether the provider keeps the answer. Not in the key. */
  readonly store?: boolean | null | undefined;
  /** The speed and the price of the request. Not in the key. */
  readonly service_tier?: string | null | undefined;
  /** Has no effect on whole answers. Not in the key. */
  readonly stream_options?: Value | null | undefined;
}

/** The form of the answer. */
export type ResponseFormat<Value extends object> =
  | { readonly type: "text" | "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: {
        /** Letters, digits, `_` and `-`, at most 64. */
        readonly name: string;
        readonly description?: string | undefined;
        readonly schema?: Value | undefined;
        /** Whether the answer must match exactly. OpenAI then accepts only a part of JSON Schema. */
        readonly strict?: boolean | null | undefined;
      };
    }
  | (Value & { readonly type: string });

/** A tool that the model may call. */
export type Tool<Value extends object> =
  | {
      readonly type: "function";
      readonly function: {
        readonly name: string;
        readonly description?: string | undefined;
        /** The JSON Schema of the arguments. */
        readonly parameters?: Value | undefined;
        readonly strict?: boolean | null | undefined;
      };
    }
  | Value;
