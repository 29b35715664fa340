import { expect, onTestFinished, test } from "vitest";
import { type MessagesServer, type MessagesServerOptions, messagesServer } from "../../src/index.ts";

const HEADERS = { "x-api-key": "k", "anthropic-version": "2023-06-01" };
const params = { model: "claude-haiku-4-5", max_tokens: 200, messages: [{ role: "user", content: "Why?" }] };

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function start(options?: MessagesServerOptions): Promise<MessagesServer> {
  const server = await messagesServer(options);
  onTestFinished(() => server.close());
  return server;
}

async function send(
  { baseURL }: MessagesServer,
  path: string,
  body: unknown,
  headers: Record<string, string> = HEADERS,
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${baseURL}${path}`, { method: "POST", headers, body: text });
  return { status: response.status, body: await response.json() };
}

const refused = (status: number, type: string, message: RegExp): object => ({
  status,
  body: { type: "error", error: { type, message: expect.stringMatching(message) } },
});

test("a message is the same for the same request, is cut off at max_tokens, and is counted", async () => {
  const server = await start();
  const [one, same, short] = await Promise.all([
    send(server, "/v1/messages", params),
    send(server, "/v1/messages", { ...params, metadata: { user_id: "u" } }),
    send(server, "/v1/messages", { ...params, max_tokens: 2 }),
  ]);
  expect(one).toMatchObject({ status: 200, body: { type: "message", stop_reason: "end_turn", role: "assistant" } });
  expect(same).toEqual(one);
  expect(short).toMatchObject({ body: { stop_reason: "max_tokens", usage: { output_tokens: 2 } } });
  expect(server.requests).toHaveLength(3);
  server.script([{ status: 529 }]);
  expect(await send(server, "/v1/messages", params)).toEqual(refused(529, "overloaded_error", /Overloaded/));
});

test("requests that are not as documented are refused in its words", async () => {
  const server = await start({ batchLimits: { maxRequests: 2, maxBytes: 1_000 } });
  const batches = "/v1/messages/batches";
  const request = { custom_id: "a", params };
  expect(await send(server, "/v1/messages", params, {})).toEqual(refused(401, "authentication_error", /x-api-key/));
  const unversioned = { "x-api-key": "k" };
  expect(await send(server, "/v1/messages", params, unversioned)).toEqual(
    refused(400, "invalid_request_error", /anthropic-version/),
  );
  const invalid: ReadonlyArray<readonly [path: string, body: unknown, message: RegExp]> = [
    ["/v1/messages", { ...params, model: "" }, /model/],
    ["/v1/messages", { ...params, messages: [] }, /messages/],
    ["/v1/messages", { ...params, max_tokens: 0 }, /max_tokens/],
    ["/v1/messages", { ...params, stream: true }, /stream/],
    ["/v1/messages", "{", /object/],
    [batches, "{", /requests/],
    [batches, { requests: [] }, /requests/],
    [batches, { requests: [request, request] }, /requests\.1\.custom_id/],
    [batches, { requests: [{ ...request, custom_id: "not allowed" }] }, /requests\.0\.custom_id/],
    [batches, { requests: [{ ...request, custom_id: "a".repeat(65) }] }, /requests\.0\.custom_id/],
    [batches, { requests: [{ custom_id: "a" }] }, /requests\.0\.params/],
    [batches, { requests: [request, { ...request, custom_id: "b" }, { ...request, custom_id: "c" }] }, /at most 2/],
  ];
  for (const [path, body, message] of invalid) {
    expect(await send(server, path, body)).toEqual(refused(400, "invalid_request_error", message));
  }
  const large = { requests: [{ ...request, params: { ...params, system: "x".repeat(1_000) } }] };
  expect(await send(server, batches, large)).toEqual(refused(413, "request_too_large", /1000 bytes/));
  for (const path of ["/v1/other", `${batches}/none/cancel`, `${batches}/none/other`]) {
    expect(await send(server, path, {})).toEqual(refused(404, "not_found_error", /./));
  }
  expect(server.batches.ids).toEqual([]);
});

test("a plan or a fault that makes no sense is refused at once", async () => {
  const server = await start();
  expect(() => server.batches.plan([{ hangsAfter: 1, expiresAfter: 1 }])).toThrow("hangsAfter");
  expect(() => server.batches.plan([{ slow: true } as never])).toThrow("slow");
  expect(() => server.batches.script("create", [{ status: 99 }])).toThrow("status");
  expect(() => server.script([{ status: 99 }])).toThrow("status");
  await expect(messagesServer({ latency: 1 } as never)).rejects.toThrow("latency");
});
