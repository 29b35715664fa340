/** A message as callers have it, by the names of the wire. The messages of the `openai` package are such messages. */
export interface MessageInput {
  /** The author of the message. */
  readonly role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
  /** Text, or a list of its parts. Null or left out beside the tool calls of an assistant. */
  readonly content?: string | readonly ContentPart[] | null | undefined;
  /** Tells participants of the same role apart. */
  readonly name?: string | null | undefined;
  /** The calls that an assistant made, as in the answer. */
  readonly tool_calls?: readonly object[] | null | undefined;
  /** The id of the call that a message of the role `tool` answers. */
  readonly tool_call_id?: string | null | undefined;
  /** The older form of `tool_calls`. */
  readonly function_call?: object | null | undefined;
  /** The reason of a refusal. */
  readonly refusal?: string | null | undefined;
  /** A spoken answer, by its id. */
  readonly audio?: object | null | undefined;
  /** Sources that the assistant cited. */
  readonly annotations?: readonly object[] | null | undefined;

  // Members that other servers take: reasoning that is sent back, the start of an answer, and cached prefixes.
  /** Reasoning that is sent back (DeepSeek, DashScope). */
  readonly reasoning_content?: string | null | undefined;
  /** Reasoning that is sent back (vLLM, OpenRouter). */
  readonly reasoning?: string | null | undefined;
  /** Reasoning in parts that is sent back (OpenRouter). */
  readonly reasoning_details?: readonly object[] | null | undefined;
  /** Reasoning that is sent back (Ollama). */
  readonly thinking?: string | null | undefined;
  /** Whether the message is the start of an answer that the model continues (DeepSeek, Mistral). */
  readonly prefix?: boolean | null | undefined;
  /** Whether the message is the start of an answer that the model continues (DashScope, Moonshot). */
  readonly partial?: boolean | null | undefined;
  /** Marks the end of a prefix that the server caches (OpenRouter, DashScope). */
  readonly cache_control?: object | null | undefined;
  /** Images in base64 (Ollama). */
  readonly images?: readonly string[] | null | undefined;
  /** The tool that a message of the role `tool` answers (Ollama). */
  readonly tool_name?: string | null | undefined;
}

/** A part of a message. Servers take more kinds than these. */
export type ContentPart =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "image_url";
      readonly image_url: { readonly url: string; readonly detail?: string | undefined };
    }
  | object;
