import { expect, test } from "vitest";
import { type GoldenRequest, goldenRequests, pythonRequests } from "../../../packages/fetch/test/golden/rows.ts";
import { kindAt, replyTo } from "../../../packages/fetch/test/recorded/replies.ts";
import { type Received, recordingServer, startGateway, vendorsAt } from "./gateway.ts";

/** Headers that belong to a connection, to a moment, or to the cache. */
const OF_TRANSFER = ["connection", "keep-alive", "transfer-encoding", "content-length", "date", "age", "cache-status"];
/** Headers of a server that the cache does not keep. */
const OF_MOMENT = ["x-ratelimit-remaining"];

/** Requests without a body that may be cached. */
const OTHERS: ReadonlyArray<Pick<GoldenRequest, "path"> & Partial<GoldenRequest> & { readonly method: string }> = [
  { method: "GET", path: "/v1/models" },
  { method: "GET", path: "/v1/files/file-1/content" },
  { method: "DELETE", path: "/v1/responses/resp_1" },
  { method: "GET", path: "/v1/models", headers: { "anthropic-version": "2023-06-01" } },
  { method: "GET", path: "/v1beta/models?pageSize=2" },
  { method: "GET", path: "/api/tags" },
  { method: "GET", path: "/openai/models?api-version=2025-04-01-preview" },
];

async function answer({ method, url, body, headers }: Received): Promise<Response> {
  const address = new URL(url, "http://localhost");
  if (method !== "POST") return Response.json({ data: [], url, error: null }, { status: method === "GET" ? 200 : 404 });
  return replyTo(kindAt(address), address, JSON.parse(body.toString()), new Headers(headers as Record<string, string>));
}

test("every recorded request is answered as without the gateway, and once it is stored, too", async () => {
  const { origin, received } = await recordingServer(async (one, response) => {
    const { status, headers, body } = await answer(one).then(async (reply) => ({
      status: reply.status,
      headers: reply.headers,
      body: Buffer.from(await reply.arrayBuffer()),
    }));
    response.writeHead(status, {
      ...Object.fromEntries(headers),
      "x-request-id": "req_1",
      "x-ratelimit-remaining": "9",
    });
    response.end(body);
  });
  const { url, gateway } = await startGateway({ upstreams: vendorsAt(origin) });

  async function ask(at: string, { path, body, ...request }: (typeof OTHERS)[number]) {
    const headers = {
      ...request.headers,
      authorization: "Bearer sk",
      ...(body && { "content-type": "application/json" }),
    };
    const init = { method: request.method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(at + path, init);
    const kept = [...response.headers].filter(([name]) => !OF_TRANSFER.includes(name));
    const text = await response.text();
    const isJson = response.headers.get("content-type") === "application/json";
    const cacheStatus = response.headers.get("cache-status");
    return { status: response.status, headers: kept, body: isJson ? JSON.parse(text) : text, cacheStatus };
  }

  const all = [...[...goldenRequests, ...pythonRequests].map((request) => ({ ...request, method: "POST" })), ...OTHERS];
  for (const request of all) {
    const { cacheStatus: _, ...straight } = await ask(origin, request);
    const sent = received.at(-1)!;
    for (const turn of ["first", "second"]) {
      const before = received.length;
      const { cacheStatus, ...through } = await ask(url, request);
      const kept = ({ headers }: Pick<typeof through, "headers">) =>
        headers.filter(([name]) => cacheStatus === null || !OF_MOMENT.includes(name));
      const where = `${turn}: ${request.method} ${request.path} ${request.client ?? ""} ${request.call ?? ""}`;
      expect({ ...through, headers: kept(through) }, where).toEqual({ ...straight, headers: kept(straight) });
      if (received.length === before) continue;
      const { method, url: target, headers } = received.at(-1)!;
      expect([method, target], where).toEqual([sent.method, sent.url]);
      expect({ ...headers, connection: sent.headers.connection, "content-length": "" }, where).toEqual({
        ...sent.headers,
        "content-length": "",
      });
    }
  }
  const { hits, misses } = gateway.stats().cache;
  expect(misses).toBeLessThan(all.length);
  expect(hits).toBeGreaterThan(200);
  expect(gateway.stats()).toMatchObject({
    requests: 2 * all.length,
    passedThrough: 2 * (6 + OTHERS.length),
    unreachable: 0,
  });
});
