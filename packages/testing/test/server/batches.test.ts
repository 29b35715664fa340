import { expect, onTestFinished, test } from "vitest";
import { type CompletionsServer, type CompletionsServerOptions, completionsServer } from "../../src/index.ts";
import { complete, question } from "./post.ts";

async function start(options?: CompletionsServerOptions): Promise<CompletionsServer> {
  const server = await completionsServer(options);
  onTestFinished(() => server.close());
  return server;
}

const headers = { authorization: "Bearer test-key" };
const json = { ...headers, "content-type": "application/json" };

const line = (custom_id: string, body: object = question(custom_id)): object => ({
  custom_id,
  method: "POST",
  url: "/v1/chat/completions",
  body,
});

async function upload(server: CompletionsServer, lines: readonly object[], base = server.baseURL): Promise<Response> {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new File([lines.map((one) => `${JSON.stringify(one)}\n`).join("")], "in.jsonl"));
  return fetch(`${base}/files`, { method: "POST", headers, body: form });
}

type Batch = Record<string, never> & { readonly id: string; readonly status: string; readonly output_file_id: string };

async function create(server: CompletionsServer, lines: readonly object[]): Promise<Batch> {
  const { id } = (await (await upload(server, lines)).json()) as { id: string };
  const body = { input_file_id: id, endpoint: "/v1/chat/completions", completion_window: "24h", metadata: { a: "b" } };
  const init = { method: "POST", headers: json, body: JSON.stringify(body) };
  return (await fetch(`${server.baseURL}/batches`, init)).json() as Promise<Batch>;
}

async function get(server: CompletionsServer, path: string): Promise<Batch> {
  return (await fetch(`${server.baseURL}${path}`, { headers })).json() as Promise<Batch>;
}

async function linesOf(server: CompletionsServer, id: string): Promise<Array<Record<string, unknown>>> {
  const text = await (await fetch(`${server.baseURL}/files/${id}/content`, { headers })).text();
  return text
    .trimEnd()
    .split("\n")
    .map((one) => JSON.parse(one));
}

test("a batch answers each line as the server does when it is asked directly, and not in their order", async () => {
  const server = await start();
  const batch = await create(server, [line("a"), line("b")]);
  expect(batch).toMatchObject({ status: "validating", metadata: { a: "b" }, output_file_id: null });
  const ended = await get(server, `/batches/${batch.id}`);
  expect(ended).toMatchObject({ status: "completed", request_counts: { total: 2, completed: 2, failed: 0 } });
  const lines = await linesOf(server, ended.output_file_id);
  expect(lines.map(({ custom_id }) => custom_id)).toEqual(["b", "a"]);
  const answer = await complete(server, question("a"));
  expect(lines[1]).toMatchObject({ response: { status_code: 200, body: answer }, error: null });
  expect(server.batches).toMatchObject({ uploads: 1, ids: [batch.id], paid: ["a", "b"] });
  expect(server.calls).toBe(1);
});

test("a batch fails validation for lines that the API refuses, and names them", async () => {
  const server = await start();
  const batch = await create(server, [line("a"), line("a"), { ...line("b"), url: "/v1/embeddings" }]);
  expect(await get(server, `/batches/${batch.id}`)).toMatchObject({
    status: "failed",
    errors: {
      data: [
        { code: "duplicate_custom_id", line: 2 },
        { code: "url_mismatch", line: 3 },
      ],
    },
  });
  expect(server.batches.paid).toEqual([]);
});

test("batches are validated slowly, expire, are cancelled and lose their output, as planned", async () => {
  const server = await start();
  server.batches.plan([{ validating: 1, running: 1 }, { expiresAfter: 1 }, { hangsAfter: 1 }, { losesOutput: true }]);
  const batches = [];
  for (let count = 0; count < 4; count++) batches.push(await create(server, [line("a"), line("b"), line("c")]));
  const [slow, expiring, hanging, losing] = batches.map(({ id }) => `/batches/${id}`);

  const statuses = [];
  for (let count = 0; count < 3; count++) statuses.push((await get(server, slow!)).status);
  expect(statuses).toEqual(["validating", "in_progress", "completed"]);

  const expired = await get(server, expiring!);
  expect(expired).toMatchObject({ status: "expired", request_counts: { completed: 1, failed: 2 } });
  expect(await linesOf(server, expired.error_file_id!)).toEqual([
    expect.objectContaining({
      custom_id: "c",
      response: null,
      error: expect.objectContaining({ code: "batch_expired" }),
    }),
    expect.objectContaining({ custom_id: "b" }),
  ]);

  expect(await get(server, hanging!)).toMatchObject({ status: "in_progress" });
  await fetch(`${server.baseURL}${hanging}/cancel`, { method: "POST", headers });
  expect(await get(server, hanging!)).toMatchObject({ status: "cancelled", request_counts: { completed: 1 } });

  const lost = await get(server, losing!);
  expect((await fetch(`${server.baseURL}/files/${lost.output_file_id}/content`, { headers })).status).toBe(404);
  expect(server.batches.paid).toEqual(["a", "b", "c", "a", "a", "a", "b", "c"]);
});

test("files and batches beyond the limits are refused, and scripted faults have no effect", async () => {
  const server = await start({ batchLimits: { maxRequests: 1, maxBytes: 400, maxQueuedBytes: 150 } });
  server.batches.script("upload", [{ status: 429, headers: { "retry-after": "1" } }]);
  expect((await upload(server, [line("a")])).status).toBe(429);
  expect(server.batches.uploads).toBe(0);
  expect((await upload(server, [line("a", question("a".repeat(400)))])).status).toBe(413);
  const two = await create(server, [line("a"), line("b")]);
  expect(await get(server, `/batches/${two.id}`)).toMatchObject({ errors: { data: [{ code: "too_many_tasks" }] } });
  const large = await create(server, [line("a", question("a".repeat(100)))]);
  expect(await get(server, `/batches/${large.id}`)).toMatchObject({
    errors: { data: [{ code: "token_limit_exceeded", message: expect.stringContaining("Limit: 150 enqueued") }] },
  });
});

test("batches are listed page by page, the newest first", async () => {
  const server = await start();
  for (const name of ["a", "b", "c"]) await create(server, [line(name)]);
  const page = (await get(server, "/batches?limit=2")) as unknown as {
    data: Batch[];
    has_more: boolean;
    last_id: string;
  };
  expect(page.data.map(({ id }) => id)).toEqual(["batch_000003", "batch_000002"]);
  expect(page.has_more).toBe(true);
  expect(await get(server, `/batches?limit=2&after=${page.last_id}`)).toMatchObject({ has_more: false });
});

test("Azure's API has files and batches, too, with statuses as Azure writes them", async () => {
  const server = await start();
  const origin = new URL(server.baseURL).origin;
  expect((await upload(server, [line("a")], `${origin}/openai/v1`)).status).toBe(200);
  const { id } = await create(server, [line("a")]);
  expect((await fetch(`${origin}/openai/batches/${id}`, { headers })).status).toBe(404);
  const response = await fetch(`${origin}/openai/batches/${id}?api-version=1`, { headers: { "api-key": "key" } });
  expect(await response.json()).toMatchObject({ status: "Completed", created_at: expect.stringContaining("T") });
  expect((await fetch(`${origin}/openai/v1/batches/${id}`)).status).toBe(401);
  expect((await fetch(`${server.baseURL}/batches/${id}`)).status).toBe(401);
});
