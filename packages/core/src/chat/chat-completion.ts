import type { JsonObject, JsonValue } from "../json/json-value.ts";
import type { KnownParams } from "./params.ts";

/** One message, by the names of the Chat Completions wire. */
export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
  readonly content?: string | readonly JsonObject[] | null;
  readonly [member: string]: JsonValue | undefined;
}

/** The parameters of a request as a provider gets them: plain JSON. */
export interface ChatParams extends KnownParams<JsonObject> {
  /** The model's name, as the server knows it. */
  readonly model: string;
  /** Whatever else the server takes. */
  readonly [parameter: string]: JsonValue | undefined;
}

/** One request: the parameters and the messages they go with. */
export interface ChatRequest extends ChatParams {
  readonly messages: readonly ChatMessage[];
}

/** The Chat Completions answer as a server gives it, unknown members kept. */
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
