import { type ChatCompletion, type ChatRequest, chatSurface } from "@remem/core";
import { eventStream } from "../wire/event-stream.ts";
import { openaiError } from "./echo.ts";
import type { HttpSurface } from "./http-surface.ts";
import { deploymentIn, scopeOf } from "./scope.ts";
import { streamsWithUsage } from "./streams-with-usage.ts";

const PATH = "/chat/completions";

/** Chat Completions: of OpenAI, of Azure at each of its addresses, and of compatible servers. */
export const chatCompletionsSurface: HttpSurface<ChatRequest, ChatCompletion> = {
  surface: chatSurface,
  matches: ({ pathname }) => pathname.endsWith(PATH),
  find({ url, body }) {
    const { stream, stream_options: _, ...others } = body;
    // A deployment of Azure ignores `model`, and the provider of @remem/azure sends the deployment's name.
    const model = others.model ?? deploymentIn(url, PATH);
    const request = { ...others, ...(model !== undefined && { model }) } as unknown as ChatRequest;
    return { request, scope: scopeOf(url, PATH, model), isStream: stream === true };
  },
  echo: (answer, { metadata }) => (answer.metadata === undefined ? answer : { ...answer, metadata: metadata ?? null }),
  stream: eventStream({ hasDone: true }),
  ...streamsWithUsage,
  errorBody: openaiError,
};
