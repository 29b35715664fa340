import type { ResultUsage, TokenLogprob } from "../answer/result-completion.ts";

/**
 * One chunk of a streamed answer, by the names of the wire, with unknown members. It is a `ChatCompletionChunk` in the types
 * of the `openai` package, so code for OpenAI's streams accepts it.
 */
export interface ChatCompletionChunk {
  /** The server's name for the answer, the same in every chunk. */
  id: string;
  /** The kind of chunk. */
  object: "chat.completion.chunk";
  /** Unix seconds. */
  created: number;
  /** The model that answers, often with its version. */
  model: string;
  /** The additions to each choice. Empty in the chunk with the usage. */
  choices: ChunkChoice[];
  /** The usage, in the last chunk. Left out unless the request has `stream_options: { include_usage: true }`. */
  usage?: ResultUsage | null;
  [member: string]: unknown;
}

/** The additions of a chunk to one of the `n` answers. */
export interface ChunkChoice {
  /** Its place among the choices, from 0. */
  index: number;
  /** The additions to the message: texts are appended to those of earlier chunks. */
  delta: ChunkDelta;
  /** The reason why the model stopped, in the choice's last chunk. Other servers have other reasons. */
  finish_reason: "stop" | "length" | "tool_calls" | "content_filter" | "function_call" | null;
  /** Left out, or null, unless the request asked for them. */
  logprobs?: { content: TokenLogprob[] | null; refusal: TokenLogprob[] | null } | null;
  [member: string]: unknown;
}

/** The additions of a chunk to a message. */
export interface ChunkDelta {
  /** The author of the message, in the choice's first chunk. */
  role?: "assistant";
  /** More of the text. */
  content?: string | null;
  /** More of the reason of a refusal. */
  refusal?: string | null;
  /** More of the calls that the model wants made; `index` tells which call. */
  tool_calls?: ChunkToolCall[];
  /** Members of other servers, such as `reasoning_content`. */
  [member: string]: unknown;
}

/** A piece of a tool call: its id and name come once, and `arguments` is appended. */
export interface ChunkToolCall {
  /** The call's place among the calls, from 0. */
  index: number;
  /** The call's id, in its first piece. */
  id?: string;
  /** The kind of call, in its first piece. */
  type?: "function";
  /** The function's name, and more of its arguments as JSON. */
  function?: { name?: string; arguments?: string };
  [member: string]: unknown;
}
