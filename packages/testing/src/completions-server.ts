import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { type ChatRequest, checkCount, checkOptions, type JsonValue } from "@remem/core/plugin";
import { checkFault, type Fault } from "./fault.ts";
import { objectOf } from "./json.ts";
import { completionFor } from "./server/answers.ts";
import { apiError } from "./server/api-error.ts";
import { azureRouteOf } from "./server/azure-route.ts";
import { badRequest } from "./server/bad-request.ts";
import type { BatchLine } from "./server/batch.ts";
import { type ApiCall, type BatchRoute, createBatchApi } from "./server/batch-api.ts";
import { type BatchPlan, checkPlan } from "./server/batch-plan.ts";
import { bytesOf, listen } from "./server/listen.ts";
import { type Reply, send } from "./server/reply.ts";
import { openaiRoute, type Route } from "./server/route.ts";
import { eventsOf } from "./server/stream.ts";

/** The options of `completionsServer`. */
export interface CompletionsServerOptions {
  /** Port on 127.0.0.1. By default 0: a free one. */
  readonly port?: number | undefined;
  /** The latency of every answer, scripted or not, in milliseconds. 0 by default. */
  readonly latencyMs?: number | undefined;
  /** The limits of batches: those of OpenAI by default. */
  readonly batchLimits?: BatchLimits | undefined;
}

/** The limits of batches. */
export interface BatchLimits {
  /** The maximum number of requests in a batch. 50,000 by default. */
  readonly maxRequests?: number | undefined;
  /** The largest file in bytes. 200 MB by default. */
  readonly maxBytes?: number | undefined;
  /** The maximum number of bytes of waiting requests: a larger batch fails as if it exceeded the limit of queued tokens. */
  readonly maxQueuedBytes?: number | undefined;
}

/** The files and batches of a server so far. */
export interface ServedBatches {
  /** How many files were uploaded. */
  readonly uploads: number;
  /** The ids of the batches in the order of their creation. */
  readonly ids: readonly string[];
  /** The `custom_id` of each executed request, once for each execution. */
  readonly paid: readonly string[];
  /** How many requests of each kind have arrived. */
  readonly received: Readonly<Record<BatchRoute, number>>;
  /** Queues plans for the next batches. */
  plan(plans: readonly BatchPlan[]): void;
  /** Queues faults for requests of one kind. */
  script(route: BatchRoute, faults: readonly Fault[]): void;
}

/** A request as the server has received it. */
export interface ReceivedRequest {
  /** Path and query as sent, from the first slash on. */
  readonly url: string;
  /** Parsed JSON, or the text itself if it is not JSON. */
  readonly body: JsonValue;
  /** Keyed by lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A server that answers as OpenAI does, and records its requests. */
export interface CompletionsServer extends AsyncDisposable {
  /** The base URL for clients: `http://127.0.0.1:<port>/v1`. Its origin is also an endpoint of Azure OpenAI. */
  readonly baseURL: string;
  /** The number of requests for a completion. Every attempt counts, even one that fails. */
  readonly calls: number;
  /** The same requests in order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** Queues faults. Each request takes the next one; once the queue is empty, answers are ordinary. */
  script(faults: readonly Fault[]): void;
  /** Files and batches, which do not count as `calls`. */
  readonly batches: ServedBatches;
  /** Closes every connection at once, even one that waits for its answer. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1 that speaks OpenAI's Chat Completions. Every request has one fixed answer that fits it (text,
 * JSON mode, tool calls, `n`, token limits), whole or as a stream, unless a scripted fault replaces it. On the paths of Azure
 * OpenAI it accepts an `api-key` or a bearer token, and adds the results of a content filter, as Azure does.
 *
 * It has the Batch API, too: files, and batches that advance by one step with each look at them, so that no test has to wait
 * for the time to pass. Its documentation: https://platform.openai.com/docs/api-reference/batch
 */
export async function completionsServer(options: CompletionsServerOptions = {}): Promise<CompletionsServer> {
  checkOptions("completionsServer", options, { port: true, latencyMs: true, batchLimits: true } satisfies Record<
    keyof CompletionsServerOptions,
    true
  >);
  checkCount("completionsServer", "port", options.port, 0);
  checkCount("completionsServer", "latencyMs", options.latencyMs, 0);
  const { port = 0, latencyMs = 0, batchLimits = {} } = options;
  const { maxRequests = 50_000, maxBytes = 200e6, maxQueuedBytes = Number.POSITIVE_INFINITY } = batchLimits;
  const batches = createBatchApi({ maxRequests, maxBytes, maxQueuedBytes, answer: answerToLine });

  const requests: ReceivedRequest[] = [];
  const faults: Fault[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { method, url = "", headers } = request;
    const [path = "", query] = url.split("?");
    const api = batchCallOf(request, path, new URLSearchParams(query));
    if (api !== undefined) {
      const refusal = api.isAzure
        ? azureRouteOf(AZURE_V1, api.query)?.precheck(headers)
        : openaiRoute.precheck(headers);
      const body = await bytesOf(request);
      if (refusal !== undefined) return send(response, requestId, refusal, {});
      const handled = batches.handle({ ...api, body });
      if (handled !== undefined) return send(response, requestId, handled.reply, handled.fault);
    }
    const route = method === "POST" ? routeOf(path, new URLSearchParams(query)) : undefined;
    if (route === undefined) {
      const body = apiError(404, `Invalid URL (${method} ${path})`, { code: null });
      return send(response, requestId, { status: 404, body }, {});
    }
    const body = await textOf(request);
    const parsed = parse(body);
    requests.push({ url, body: parsed === undefined ? body : parsed, headers });
    const fault = faults.shift() ?? {};
    if (latencyMs > 0) await delay(latencyMs, response);
    send(response, requestId, replyTo(route, headers, parsed), fault);
  }

  const { origin, close } = await listen(port, answer, (response, requestId, error) => {
    send(response, requestId, { status: 500, body: apiError(500, String(error)) }, {});
  });

  return {
    baseURL: `${origin}/v1`,
    get calls() {
      return requests.length;
    },
    requests,
    batches: {
      get uploads() {
        return batches.uploads;
      },
      get ids() {
        return batches.batches.map(({ id }) => id);
      },
      paid: batches.paid,
      received: batches.received,
      plan(plans) {
        for (const plan of plans) checkPlan(plan);
        batches.plans.push(...plans);
      },
      script(route, next) {
        for (const fault of next) checkFault(fault);
        batches.faults[route].push(...next);
      },
    },
    script(next) {
      for (const fault of next) checkFault(fault);
      faults.push(...next);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function routeOf(path: string, query: URLSearchParams): Route | undefined {
  return path === "/v1/chat/completions" ? openaiRoute : azureRouteOf(path, query);
}

function replyTo(route: Route, headers: IncomingHttpHeaders, body: JsonValue | undefined): Reply {
  const chatRequest = route.toRequest(body);
  const error = route.precheck(headers) ?? badRequest(chatRequest);
  if (error !== undefined) return error;
  // A valid request has a model and messages, which is all that the answer needs. Streaming does not change the answer.
  const { stream, stream_options, ...request } = chatRequest as ChatRequest;
  const completion = route.decorate(completionFor(request as ChatRequest));
  if (stream !== true) return { status: 200, body: completion as JsonValue };
  const includeUsage = objectOf(stream_options).include_usage === true;
  return { status: 200, body: eventsOf(completion, { includeUsage }), streams: true };
}

const AZURE_V1 = "/openai/v1/chat/completions";

/** The request as the Batch API takes it, by its path below that of the API. */
function batchCallOf(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Omit<ApiCall, "body"> | undefined {
  const [, base, below] = /^(\/v1|\/openai\/v1|\/openai)(\/(?:files|batches)(?:\/.*)?)$/.exec(path) ?? [];
  if (below === undefined) return undefined;
  if (base === "/openai" && !query.get("api-version")) return undefined;
  return { method: request.method, path: below, query, headers: request.headers, isAzure: base !== "/v1" };
}

function answerToLine({ body }: BatchLine, isAzure: boolean): Reply {
  const error = badRequest(body);
  if (error !== undefined) return error;
  const route = isAzure ? azureRouteOf(AZURE_V1, new URLSearchParams())! : openaiRoute;
  return { status: 200, body: route.decorate(completionFor(body as object as ChatRequest)) as JsonValue };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) text += piece;
  return text;
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves after the delay; never, once the client has disconnected. */
function delay(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once("close", () => clearTimeout(timer));
  });
}
