import type { JsonObject, JsonValue } from "../json/json-value.ts";
import type { KnownParams } from "./request/params.ts";

/** One message, by the names of the Chat Completions wire. */
export interface ChatMessage {
  /** The author of the message. */
  readonly role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
  /** Text, or a list of its parts. */
  readonly content?: string | readonly JsonObject[] | null;
  readonly [member: string]: JsonValue | undefined;
}

/** The parameters of a request as a provider gets them: plain JSON. */
export interface ChatParams extends KnownParams<JsonObject> {
  /** The model's name, as the server knows it. */
  readonly model: string;
  /** Any other parameter that the server accepts. */
  readonly [parameter: string]: JsonValue | undefined;
}

/** One request: the messages and the parameters. */
export interface ChatRequest extends ChatParams {
  /** The conversation so far, oldest first. */
  readonly messages: readonly ChatMessage[];
}

/** A Chat Completions answer as the server sends it, with unknown members. */
export interface ChatCompletion {
  /** The server's name for the answer. */
  readonly id: string;
  /** The model that answered, often with its version. */
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  /** At least one, each with a message. */
  readonly choices: readonly ChatChoice[];
  /** The tokens that the server counted, if it reports them. */
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
    readonly [member: string]: JsonValue | undefined;
  } | null;
  readonly [member: string]: unknown;
}

/** One of the `n` answers to a request. */
export interface ChatChoice {
  /** Its place among the choices, from 0. */
  readonly index: number;
  /** The reason why the model stopped, in the server's words. */
  readonly finish_reason: string;
  /** The assistant's message. */
  readonly message: { readonly role: string; readonly content: string | null; readonly [member: string]: unknown };
  readonly [member: string]: unknown;
}
