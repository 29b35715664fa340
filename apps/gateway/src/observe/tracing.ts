import type { ServerResponse } from "node:http";
import type { Attributes, Span } from "@opentelemetry/api";
import { pathOf, statusOf } from "./log.ts";
import type { GatewayRequest } from "./request.ts";

/** Makes a span of each request. */
export interface Tracing {
  /** Handles a request within its span. */
  within(request: GatewayRequest, handle: () => void): void;
  /** Ends the span of a request. */
  ended(request: GatewayRequest, response: ServerResponse): void;
}

/** The place of everything that a program has registered with version 1 of the API, for all copies of the API in a process. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** Whether the program has registered a provider of tracers. Loading the API to ask it takes longer than many hits. */
export function hasTracerProvider(): boolean {
  const registered = (globalThis as unknown as Record<symbol, { readonly trace?: object } | undefined>)[REGISTERED];
  return registered?.trace !== undefined;
}

/** Opens the tracer of the gateway, by the OpenTelemetry that the program has registered. */
export async function openTracing(): Promise<Tracing> {
  const { context, propagation, SpanKind, SpanStatusCode, trace } = await import("@opentelemetry/api");
  const tracer = trace.getTracer("@remem/gateway");
  const spans = new WeakMap<GatewayRequest, Span>();
  return {
    within(request, handle) {
      const active = context.active();
      // If Node's server is instrumented, this request already has a span, which knows the caller's.
      const hasServerSpan = trace.getSpan(active) !== undefined;
      const parent = hasServerSpan ? active : propagation.extract(active, request.headers);
      const kind = hasServerSpan ? SpanKind.INTERNAL : SpanKind.SERVER;
      const span = tracer.startSpan(request.method ?? "HTTP", { kind, attributes: firstOf(request) }, parent);
      spans.set(request, span);
      context.with(trace.setSpan(parent, span), handle);
    },
    ended(request, response) {
      const span = spans.get(request);
      if (span === undefined) return;
      const status = statusOf(response);
      span.setAttributes(lastOf(request, response, status));
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** The attributes that the semantic conventions of HTTP want from the beginning, because samplers read them. */
function firstOf(request: GatewayRequest): Attributes {
  const { method = "", httpVersion, socket } = request;
  return {
    "http.request.method": method,
    "url.scheme": "http",
    "url.path": pathOf(request),
    "network.protocol.version": httpVersion,
    ...(socket.localPort !== undefined && { "server.port": socket.localPort }),
    ...(socket.remoteAddress !== undefined && { "client.address": socket.remoteAddress }),
  };
}

function lastOf(
  { outcome, refusal, tenant, surface, model }: GatewayRequest,
  response: ServerResponse,
  status: number,
): Attributes {
  const isBroken = !response.writableFinished;
  const error = refusal ?? (isBroken ? "broken" : status >= 500 ? `${status}` : undefined);
  return {
    "http.response.status_code": status,
    ...(outcome !== undefined && { "remem.source": outcome }),
    ...(tenant !== undefined && { "remem.tenant": tenant }),
    ...(surface !== undefined && { "remem.surface": surface }),
    ...(model !== undefined && { "gen_ai.request.model": model }),
    ...(error !== undefined && { "error.type": error }),
  };
}
