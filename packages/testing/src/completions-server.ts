import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ChatRequest, checkCount, checkOptions, type JsonValue } from "@remem/core";
import { checkFault, type Fault } from "./fault.ts";
import { objectOf } from "./json.ts";
import { completionFor } from "./server/answers.ts";
import { apiError } from "./server/api-error.ts";
import { azureRouteOf } from "./server/azure-route.ts";
import { badRequest } from "./server/bad-request.ts";
import { type Reply, send } from "./server/reply.ts";
import { openaiRoute, type Route } from "./server/route.ts";
import { eventsOf } from "./server/stream.ts";

export interface CompletionsServerOptions {
  /** Port on 127.0.0.1. By default 0: a free one. */
  readonly port?: number;
  /** How long every answer takes, scripted ones too, in milliseconds. 0 by default. */
  readonly latencyMs?: number;
}

export interface ReceivedRequest {
  /** Path and query as they were sent, from the first slash on. */
  readonly url: string;
  /** Parsed, or the text itself where that is not JSON. */
  readonly body: JsonValue;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface CompletionsServer extends AsyncDisposable {
  /** What a client takes for the API: `http://127.0.0.1:<port>/v1`. Its origin is an endpoint of Azure OpenAI, too. */
  readonly baseURL: string;
  /** How many requests for a completion came in; every attempt counts, whatever became of it. */
  readonly calls: number;
  /** The same requests, in the order they came in. */
  readonly requests: readonly ReceivedRequest[];
  /** Adds to the faults in waiting: each request takes the next, and gets an ordinary answer when none is left. */
  script(faults: readonly Fault[]): void;
  /** Ends every connection at once, also one that waits for its answer. May be called again. */
  close(): Promise<void>;
}

/**
 * A server on 127.0.0.1 that speaks OpenAI's Chat Completions: every request has one fixed answer that fits it (text,
 * JSON mode, tool calls, `n`, token limits), in one piece or as a stream, until a script says otherwise. On the paths of
 * Azure OpenAI it answers as Azure does: by `api-key` or bearer token, and with the results of a content filter.
 */
export async function completionsServer(options: CompletionsServerOptions = {}): Promise<CompletionsServer> {
  checkOptions("completionsServer", options, { port: true, latencyMs: true } satisfies Record<
    keyof CompletionsServerOptions,
    true
  >);
  checkCount("completionsServer", "port", options.port, 0);
  checkCount("completionsServer", "latencyMs", options.latencyMs, 0);
  const { port = 0, latencyMs = 0 } = options;

  const requests: ReceivedRequest[] = [];
  const faults: Fault[] = [];
  let received = 0;
  let closed: Promise<void> | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { method, url = "", headers } = request;
    const [path = "", query] = url.split("?");
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

  // Never closes an idle connection by itself: a client about to use it again would see a reset that nobody asked for.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const requestId = `req_${String(++received).padStart(8, "0")}`;
    answer(request, response, requestId).catch((error: unknown) => {
      send(response, requestId, { status: 500, body: apiError(500, String(error)) }, {});
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;

  function close(): Promise<void> {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closed;
  }

  return {
    baseURL: `http://127.0.0.1:${address.port}/v1`,
    get calls() {
      return requests.length;
    },
    requests,
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
  // What passes has a model and messages, which is all that answering relies on. How it is sent changes no answer.
  const { stream, stream_options, ...request } = chatRequest as ChatRequest;
  const completion = route.decorate(completionFor(request as ChatRequest));
  if (stream !== true) return { status: 200, body: completion as JsonValue };
  const includeUsage = objectOf(stream_options).include_usage === true;
  return { status: 200, body: eventsOf(completion, { includeUsage }), streams: true };
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

/** For a client that leaves the time never comes. */
function delay(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once("close", () => clearTimeout(timer));
  });
}
