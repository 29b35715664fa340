/**
 * The answer as it came, unknown members kept: a `ChatCompletion` in the types of the `openai` package, so that its message can
 * be pushed into the next request, and the whole be given to code that takes OpenAI's. Servers of other makers leave out members
 * that OpenAI's have, and have other reasons to finish.
 */
export interface ResultCompletion {
  id: string;
  object: "chat.completion";
  /** Unix seconds. */
  created: number;
  model: string;
  choices: ResultChoice[];
  /** Left out, or null, where the server tells no usage. */
  usage?: ResultUsage;
  [member: string]: unknown;
}

export interface ResultChoice {
  index: number;
  finish_reason: "stop" | "length" | "tool_calls" | "content_filter" | "function_call";
  message: ResultMessage;
  /** Null unless the request asked for them. */
  logprobs: { content: TokenLogprob[] | null; refusal: TokenLogprob[] | null } | null;
  [member: string]: unknown;
}

export interface ResultMessage {
  role: "assistant";
  /** Null where the model gave no text, as beside tool calls. */
  content: string | null;
  /** Why the model refused, where it did. */
  refusal: string | null;
  /** The calls that the model wants made; `arguments` is JSON. */
  tool_calls?: ToolCall[];
  /** Members of other servers, such as `reasoning_content`. See `metadata.reasoning`. */
  [member: string]: unknown;
}

/** A call of a tool: of a function with JSON for arguments, or of a custom tool with text. */
export type ToolCall =
  | { id: string; type: "function"; function: { name: string; arguments: string } }
  | { id: string; type: "custom"; custom: { name: string; input: string } };

export interface ResultUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  [member: string]: unknown;
}

export interface TokenLogprob {
  token: string;
  /** The token's bytes in UTF-8. */
  bytes: number[] | null;
  logprob: number;
  top_logprobs: Array<{ token: string; bytes: number[] | null; logprob: number }>;
}
