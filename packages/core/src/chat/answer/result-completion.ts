/**
 * The answer as it came, unknown members kept: a `ChatCompletion` in the types of the `openai` package, so that its message can
 * be pushed into the next request, and the whole be given to code that takes OpenAI's. Servers of other makers leave out members
 * that OpenAI's have, and have other reasons to finish.
 */
export interface ResultCompletion {
  /** The server's name for the answer. */
  id: string;
  /** The kind of answer. */
  object: "chat.completion";
  /** Unix seconds. */
  created: number;
  /** The model that answered, often with its version. */
  model: string;
  /** At least one; `response` is the text of the first. */
  choices: ResultChoice[];
  /** Left out, or null, where the server tells no usage. */
  usage?: ResultUsage;
  [member: string]: unknown;
}

/** One of the `n` answers to a request. */
export interface ResultChoice {
  /** Its place among the choices, from 0. */
  index: number;
  /** The reason why the model stopped. Other servers have other reasons; `metadata.finish_reason` is typed for them. */
  finish_reason: "stop" | "length" | "tool_calls" | "content_filter" | "function_call";
  /** The assistant's message, which can be pushed into the next request. */
  message: ResultMessage;
  /** Null unless the request asked for them. */
  logprobs: { content: TokenLogprob[] | null; refusal: TokenLogprob[] | null } | null;
  [member: string]: unknown;
}

/** The assistant's message. */
export interface ResultMessage {
  /** The author of the message. */
  role: "assistant";
  /** Null where the model gave no text, as beside tool calls. */
  content: string | null;
  /** The reason of a refusal, if the model refused. */
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

/** The tokens that the server counted. */
export interface ResultUsage {
  /** Tokens of the request. */
  prompt_tokens: number;
  /** Tokens of the answer, its reasoning included. */
  completion_tokens: number;
  /** The sum of both. */
  total_tokens: number;
  [member: string]: unknown;
}

/** The log probability of one token of the answer. */
export interface TokenLogprob {
  /** The token as text. */
  token: string;
  /** The token's bytes in UTF-8. */
  bytes: number[] | null;
  /** Its natural logarithm of the probability. */
  logprob: number;
  /** The likeliest tokens at this place. */
  top_logprobs: Array<{ token: string; bytes: number[] | null; logprob: number }>;
}
