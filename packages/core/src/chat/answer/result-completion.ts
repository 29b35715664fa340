/**
 * The answer as the server sent it, with unknown members. It is a `ChatCompletion` in the types of the `openai` package, so
 * a caller can push its message into the next request, and pass it to code that takes OpenAI's answers. Other servers leave
 * out members that OpenAI's have, and have other finish reasons.
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
  /** The choices: at least one. `response` is the text of the first. */
  choices: ResultChoice[];
  /** Left out, or null, if the server reports no usage. */
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
  /** The log probabilities of the tokens. Null unless the request asked for them. */
  logprobs: { content: TokenLogprob[] | null; refusal: TokenLogprob[] | null } | null;
  [member: string]: unknown;
}

/** The assistant's message. */
export interface ResultMessage {
  /** The author of the message. */
  role: "assistant";
  /** The text. Null if the model gave none, for example with tool calls. */
  content: string | null;
  /** The reason of a refusal, if the model refused. */
  refusal: string | null;
  /** The calls that the model wants made; `arguments` is JSON. */
  tool_calls?: ToolCall[];
  /** Members of other servers, such as `reasoning_content`. See `metadata.reasoning`. */
  [member: string]: unknown;
}

/** A tool call: of a function with JSON arguments, or of a custom tool with text. */
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
  /** The natural logarithm of the token's probability. */
  logprob: number;
  /** The likeliest tokens at this place. */
  top_logprobs: Array<{ token: string; bytes: number[] | null; logprob: number }>;
}
