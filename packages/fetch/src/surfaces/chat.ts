import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatRequest,
  chatSurface,
  type JsonObject,
} from "@remem/core";
import { eventStream } from "../wire/event-stream.ts";
import type { HttpSurface } from "./http-surface.ts";
import { openaiError } from "./openai-error.ts";
import { chatScope } from "./scope.ts";

const PATH = /^(.*?)\/(?:deployments\/([^/]+)\/)?chat\/completions\/?$/;

/** Chat Completions: of OpenAI, of Azure at both of its addresses, and of compatible servers. */
export const chatCompletions: HttpSurface<ChatRequest, ChatCompletion> = {
  surface: chatSurface,
  matches: ({ pathname }) => PATH.test(pathname),
  find({ url, body }) {
    const { stream, stream_options: _, ...others } = body;
    const [, path = "", deployment] = PATH.exec(url.pathname)!;
    const { scope, model } = chatScope(url, path, deployment, others.model);
    const request = { ...others, ...(model !== undefined && { model }) } as unknown as ChatRequest;
    return { request, scope, isStream: stream === true };
  },
  echo: (answer, { metadata }) => (answer.metadata === undefined ? answer : { ...answer, metadata: metadata ?? null }),
  stream: eventStream({ end: "data: [DONE]\n\n" }),
  streamBody: (body) => ({
    ...body,
    stream_options: { ...(body.stream_options as JsonObject | undefined), include_usage: true },
  }),
  visible(chunk, { stream_options: options }) {
    const { obfuscation: _, usage, ...rest } = chunk as ChatCompletionChunk;
    if ((options as JsonObject | undefined)?.include_usage === true)
      return usage === undefined ? rest : { ...rest, usage };
    return rest.choices?.length === 0 && usage != null ? undefined : rest;
  },
  errorBody: openaiError,
};
