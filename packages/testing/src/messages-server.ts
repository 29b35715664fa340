import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { checkCount, checkOptions, type JsonValue } from "@remem/core/plugin";
import type { BatchLimits, ReceivedRequest } from "./completions-server.ts";
import { checkFault, type Fault } from "./fault.ts";
import type { JsonObject } from "./json.ts";
import { invalidMessage, messageFor } from "./messages/message.ts";
import { checkMessageBatchPlan, type MessageBatchPlan } from "./messages/message-batch-plan.ts";
import { createMessageBatches, type MessageBatchRoute } from "./messages/message-batches.ts";
import { refusal, refusing } from "./messages/message-error.ts";
import { bytesOf, listen } from "./server/listen.ts";
import { type Reply, send } from "./server/reply.ts";

/** The options of `messagesServer`. */
export interface MessagesServerOptions {
  /** Port on 127.0.0.1. By default 0: a free one. */
  readonly port?: number | undefined;
  /** The limits of batches: 100,000 requests and 256 MB by default. */
  readonly batchLimits?: Pick<BatchLimits, "maxRequests" | "maxBytes"> | undefined;
}

/** The Message Batches of a server so far. */
export interface ServedMessageBatches {
  /** The ids of the batches in the order of their creation. */
  readonly ids: readonly string[];
  /** The `params` of each request that was executed and answered, once for each execution. */
  readonly paid: readonly object[];
  /** The headers of each creation that has succeeded. */
  readonly created: ReadonlyArray<ReceivedRequest["headers"]>;
  /** How many requests of each kind have arrived. */
  readonly received: Readonly<Record<MessageBatchRoute, number>>;
  /** Queues plans for the next batches. */
  plan(plans: readonly MessageBatchPlan[]): void;
  /** Queues faults for requests of one kind. If the fault of a creation has no status, the batch is created. */
  script(route: MessageBatchRoute, faults: readonly Fault[]): void;
}

/** A server that answers as Anthropic does, and records its requests. */
export interface MessagesServer extends AsyncDisposable {
  /** The base URL for Anthropic's clients: `http://127.0.0.1:<port>`. */
  readonly baseURL: string;
  /** The direct requests for messages in order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** Message Batches. */
  readonly batches: ServedMessageBatches;
  /** Queues faults of direct requests. */
  script(faults: readonly Fault[]): void;
  /** Closes every connection at once, even one that waits for its answer. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1 that speaks Anthropic's Messages, with whole answers of text only, and Message Batches. A batch
 * advances by one step with each look at it, so that no test has to wait for the time to pass. Their documentation:
 * https://platform.claude.com/docs/en/build-with-claude/batch-processing
 */
export async function messagesServer(options: MessagesServerOptions = {}): Promise<MessagesServer> {
  checkOptions("messagesServer", options, { port: true, batchLimits: true } satisfies Record<
    keyof MessagesServerOptions,
    true
  >);
  checkCount("messagesServer", "port", options.port, 0);
  const { port = 0, batchLimits = {} } = options;
  const { maxRequests = 100_000, maxBytes = 256e6 } = batchLimits;
  const requests: ReceivedRequest[] = [];
  const faults: Fault[] = [];
  const api = createMessageBatches({ maxRequests, maxBytes, base: () => `${origin}/v1` });

  async function answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { method, url = "", headers } = request;
    const [path = "", query] = url.split("?");
    const body = await bytesOf(request);
    const refused = refusalOf(headers);
    if (refused !== undefined) return send(response, requestId, refused, {});
    const [, below] = /^\/v1\/messages\/batches(\/.*)?$/.exec(path) ?? [null, undefined];
    if (path.startsWith(`${PATH}/batches`)) {
      const handled = api.handle({ method, path: below ?? "", query: new URLSearchParams(query), headers, body });
      if (handled !== undefined) return send(response, requestId, handled.reply, handled.fault);
    }
    if (method !== "POST" || path !== PATH) {
      return send(response, requestId, refusal(404, `No ${method} ${path}.`), {});
    }
    const params = parsed(body);
    requests.push({ url, body: params ?? body.toString(), headers });
    send(response, requestId, replyTo(params), refusing(faults.shift() ?? {}));
  }

  const { origin, close } = await listen(port, answer, (response, requestId, error) => {
    send(response, requestId, refusal(500, String(error)), {});
  });
  return {
    baseURL: origin,
    requests,
    batches: {
      get ids() {
        return api.batches.map(({ id }) => id);
      },
      paid: api.paid,
      created: api.created,
      received: api.received,
      plan(plans) {
        for (const plan of plans) checkMessageBatchPlan(plan);
        api.plans.push(...plans);
      },
      script(route, next) {
        for (const fault of next) checkFault(fault);
        api.faults[route].push(...next);
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

const PATH = "/v1/messages";

function refusalOf(headers: IncomingHttpHeaders): Reply | undefined {
  if (!headers["x-api-key"] && !headers.authorization) return refusal(401, "x-api-key header is required");
  if (!headers["anthropic-version"]) return refusal(400, "anthropic-version: header is required");
  return undefined;
}

function replyTo(params: JsonValue | undefined): Reply {
  const error = invalidMessage(params);
  if (error !== undefined) return { status: 400, body: error };
  if ((params as JsonObject).stream === true) return refusal(400, "stream: this server gives whole answers");
  return { status: 200, body: messageFor(params as JsonObject) as JsonValue };
}

function parsed(body: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(body.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}
