import {
  type CacheEntry,
  type ChatCompletion,
  type ChatMessage,
  type ChatRequest,
  canonicalJson,
  encodeEntry,
  textOf,
  withoutFence,
} from "@remem/core/plugin";

/** A row of the table in which REMem's Python class `CacheOpenAI` stores its answers. */
export interface PythonRow {
  /**
   * Null if the answer has no text; in JSON mode without its code fence. Bytes, because Node 22 truncates text at a NUL
   * character.
   */
  readonly message: Uint8Array | null;
  /**
   * JSON: `prompt`, `response` as the model returned it, `prompt_tokens`, `completion_tokens`, `finish_reason`. The rows of its batches
   * lack the first two.
   */
  readonly metadata: unknown;
}

export const PYTHON_TABLE = "CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, message TEXT, metadata TEXT)";
export const PYTHON_COLUMNS = "CAST(message AS BLOB) AS message, metadata";

interface Metadata {
  readonly prompt?: unknown;
  readonly response?: unknown;
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly finish_reason?: unknown;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Encodes a row as an entry; undefined if the row cannot be read. Values that a row does not contain, such as the
 * model, are left empty, as in no real request.
 */
export function entryOfRow(key: string, { message, metadata }: PythonRow): string | undefined {
  let text: string | null;
  let facts: Metadata | null;
  try {
    text = message === null ? null : utf8.decode(message);
    facts = JSON.parse(metadata as string);
  } catch {
    return undefined;
  }
  if (typeof facts !== "object" || facts === null || !("response" in facts || "finish_reason" in facts))
    return undefined;
  const { prompt, response, finish_reason, prompt_tokens, completion_tokens } = facts;
  const isUnfenced = typeof response === "string" && response !== text && withoutFence(response) === text;
  const [promptTokens, completionTokens] = [countOf(prompt_tokens), countOf(completion_tokens)];
  return encodeEntry({
    key,
    createdAt: 0,
    answer: {
      id: "",
      object: "chat.completion",
      created: 0,
      model: "",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: isUnfenced ? response : text },
          finish_reason: typeof finish_reason === "string" ? finish_reason : "",
        },
      ],
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      },
    },
    request: {
      model: "",
      messages: Array.isArray(prompt) ? (prompt as ChatMessage[]) : [],
      ...(isUnfenced && { response_format: { type: "json_object" } }),
    },
  });
}

/**
 * Converts an entry to a row, with its metadata in ASCII as Python writes it; undefined if the entry holds no answer.
 */
export function rowOfEntry({
  answer: completion,
  request,
}: CacheEntry<ChatCompletion, ChatRequest>): [message: string | null, metadata: string] | undefined {
  const choice = completion.choices?.[0];
  if (choice === undefined) return undefined;
  const { content } = choice.message;
  const text = typeof content === "string" ? content : textOf(content) || null;
  const isJson = text !== null && request?.response_format?.type === "json_object";
  const metadata = canonicalJson({
    prompt: request?.messages ?? [],
    response: text,
    prompt_tokens: countOf(completion.usage?.prompt_tokens),
    completion_tokens: countOf(completion.usage?.completion_tokens),
    finish_reason: choice.finish_reason,
  });
  return [isJson ? withoutFence(text) : text, metadata];
}

function countOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
