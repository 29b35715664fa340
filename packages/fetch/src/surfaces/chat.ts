import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatRequest,
  chatSurface,
  type JsonObject,
} from "@remem/core";
import { eventStream } from "../wire/event-stream.ts";
import type { HttpSurface } from "./http-surface.ts";
import { scopeAt } from "./scope.ts";

const PATH = /^(.*?)\/(?:deployments\/([^/]+)\/)?chat\/completions\/?$/;
const AZURE_V1 = /\/openai(?:\/v1)?$/;

/** Chat Completions: of OpenAI, of Azure at both of its addresses, and of compatible servers. */
export const chatCompletions: HttpSurface<ChatRequest, ChatCompletion> = {
  surface: chatSurface,
  matches: ({ pathname }) => PATH.test(pathname),
  find({ url, body }) {
    const { stream, stream_options: _, ...request } = body;
    const [, path = "", deployment] = PATH.exec(url.pathname)!;
    const isStream = stream === true;
    if (deployment === undefined) {
      const isAzure = AZURE_V1.test(path) && url.hostname.endsWith(".azure.com");
      const scope = scopeAt(url, isAzure ? path.replace(AZURE_V1, "") : path);
      return { request: request as unknown as ChatRequest, scope, isStream };
    }
    // Azure's deployment answers whatever `model` says, and the provider of @remem/azure sends its name.
    const model = decodeURIComponent(deployment);
    const resource = path.replace(/\/openai$/, "");
    const isNamed = request.model === model || request.model === undefined;
    const scope = isNamed ? scopeAt(url, resource) : scopeAt(url, `${path}/deployments/${deployment}`);
    return { request: { ...request, ...(isNamed && { model }) } as unknown as ChatRequest, scope, isStream };
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
  errorBody: (message, code) => ({ error: { message, type: "remem", param: null, code } }),
};
