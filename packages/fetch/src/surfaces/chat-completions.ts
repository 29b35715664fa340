import { type ChatCompletion, type ChatCompletionChunk, type ChatRequest, chatSurface } from "@remem/core";
import { isMembers, type JsonObject, visibleChunk } from "@remem/core/plugin";
import { eventStream } from "../wire/event-stream.ts";
import { openaiError } from "./echo.ts";
import type { HttpSurface } from "./http-surface.ts";
import { deploymentIn, scopeOf } from "./scope.ts";

const PATH = "/chat/completions";

/** Chat Completions: of OpenAI, of Azure at each of its addresses, and of compatible servers. */
export const chatCompletionsSurface: HttpSurface<ChatRequest, ChatCompletion> = {
  surface: chatSurface,
  matches: ({ pathname }) => pathname.endsWith(PATH),
  find({ url, body }) {
    const { stream, stream_options: _, ...others } = body;
    // A deployment of Azure answers whatever `model` says, and the provider of @remem/azure sends its name.
    const model = others.model ?? deploymentIn(url, PATH);
    const request = { ...others, ...(model !== undefined && { model }) } as unknown as ChatRequest;
    return { request, scope: scopeOf(url, PATH, model), isStream: stream === true };
  },
  echo: (answer, { metadata }) => (answer.metadata === undefined ? answer : { ...answer, metadata: metadata ?? null }),
  stream: eventStream({ hasDone: true }),
  streamBody: (body) => ({ ...body, stream_options: { ...optionsOf(body), include_usage: true } }),
  visible: (chunk, body) => visibleChunk(chunk as ChatCompletionChunk, optionsOf(body).include_usage === true),
  errorBody: openaiError,
};

function optionsOf({ stream_options: options }: JsonObject): JsonObject {
  return isMembers(options) ? (options as JsonObject) : {};
}
