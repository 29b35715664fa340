import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { expect, onTestFinished, test, vi } from "vitest";
import { hasTracerProvider } from "../src/observe/tracing.ts";
import { CHAT, post, recordingServer, startGateway, vendorsAt, WAIT } from "./gateway.ts";

/** Registers OpenTelemetry, as a program does before it opens the gateway. */
function register(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  return exporter;
}

const chatServer = () =>
  recordingServer(({ url }, response) => {
    if (url.includes("broken")) response.writeHead(503).end("{}");
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  });

test("without OpenTelemetry nothing is traced", async () => {
  expect(hasTracerProvider()).toBe(false);
  const { origin } = await chatServer();
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  expect((await post(`${url}/v1/chat/completions`)).status).toBe(200);
});

test("a request is a span of the server within its caller's trace, and says what it was", async () => {
  const exporter = register();
  expect(hasTracerProvider()).toBe(true);
  const { origin, received } = await chatServer();
  const { url, port } = await startGateway({ upstreams: vendorsAt(origin) });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  await post(`${url}/v1/chat/completions?key=sk-secret`, undefined, { traceparent });
  await post(`${url}/v1/chat/completions`, undefined, { traceparent });
  await fetch(`${url}/v1/files/broken`);
  await fetch(`${url}/nowhere`);
  await vi.waitFor(() => expect(exporter.getFinishedSpans()).toHaveLength(4), WAIT);
  const [miss, hit, broken, nowhere] = exporter.getFinishedSpans();
  expect(miss).toMatchObject({
    name: "POST",
    kind: SpanKind.SERVER,
    parentSpanContext: { traceId, spanId: "b7ad6b7169203331", isRemote: true },
    status: { code: SpanStatusCode.UNSET },
    instrumentationScope: { name: "@remem/gateway" },
    attributes: {
      "http.request.method": "POST",
      "url.scheme": "http",
      "url.path": "/v1/chat/completions",
      "network.protocol.version": "1.1",
      "server.port": port,
      "client.address": "127.0.0.1",
      "http.response.status_code": 200,
      "remem.source": "miss",
      "remem.surface": "chat",
      "gen_ai.request.model": "gpt-4o-mini",
    },
  });
  expect(miss!.spanContext().traceId).toBe(traceId);
  expect(hit!.attributes).toMatchObject({ "remem.source": "hit", "gen_ai.request.model": "gpt-4o-mini" });
  expect(broken).toMatchObject({
    parentSpanContext: undefined,
    status: { code: SpanStatusCode.ERROR },
    attributes: { "http.response.status_code": 503, "error.type": "503" },
  });
  expect(nowhere).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { "http.response.status_code": 404, "error.type": "unknown_path" },
  });
  const all = JSON.stringify(
    exporter.getFinishedSpans().map(({ name, attributes, events }) => [name, attributes, events]),
  );
  for (const secret of ["sk-secret", "Kraków", "Vistula", "?"]) expect(all).not.toContain(secret);
  expect(received[0]?.headers.traceparent).toBe(traceparent);
});

test("what is asked while a request is answered belongs to its span", async () => {
  const exporter = register();
  const asked: Array<string | undefined> = [];
  const { url } = await startGateway({
    options: {
      async fetch() {
        asked.push(trace.getActiveSpan()?.spanContext().spanId);
        return Response.json(CHAT);
      },
    },
  });
  await post(`${url}/v1/chat/completions`);
  await vi.waitFor(() => expect(exporter.getFinishedSpans()).toHaveLength(1), WAIT);
  expect(asked).toEqual([exporter.getFinishedSpans()[0]!.spanContext().spanId]);
});

test("where the server of Node has a span of the request, that of the gateway is within it", async () => {
  const exporter = register();
  const { createObserver } = await import("../src/observe/observer.ts");
  const { GatewayRequest } = await import("../src/observe/request.ts");
  const { ServerResponse } = await import("node:http");
  const { Socket } = await import("node:net");
  const observer = createObserver({ priceOf: undefined, log: undefined });
  await observer.open();
  const request = Object.assign(new GatewayRequest(new Socket()), {
    method: "GET",
    url: "/v1/models",
    httpVersion: "1.1",
  });
  request.headers = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const response = new ServerResponse(request);
  const outer = trace.getTracer("http").startSpan("outer", { kind: SpanKind.SERVER });
  let handled = false;
  context.with(trace.setSpan(context.active(), outer), () => {
    observer.began(request, () => {
      handled = true;
    });
  });
  observer.ended(request, response);
  expect(handled).toBe(true);
  const [span] = exporter.getFinishedSpans();
  expect(span).toMatchObject({ kind: SpanKind.INTERNAL, parentSpanContext: { spanId: outer.spanContext().spanId } });
});
