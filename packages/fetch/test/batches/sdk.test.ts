import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { messagesServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { API_KEY, asked, asking } from "./setup.ts";

// The server is as documented if the SDK of its vendor can use it.
test("the SDK creates, lists, retrieves, cancels and reads batches of the server of these tests", async () => {
  const server = await messagesServer();
  onTestFinished(() => server.close());
  server.batches.plan([{ running: 1 }, { hangsAfter: 1 }, {}]);
  const { batches } = new Anthropic({ apiKey: API_KEY, baseURL: server.baseURL, maxRetries: 0 }).messages;
  const requests = asked(3).map((params, index) => ({ custom_id: `id_${index}`, params: params as never }));

  const first = await batches.create({ requests });
  expect(first).toMatchObject({ type: "message_batch", processing_status: "in_progress", results_url: null });
  expect(first.request_counts).toEqual({ processing: 3, succeeded: 0, errored: 0, canceled: 0, expired: 0 });
  await expect(batches.results(first.id)).rejects.toThrow("results_url");
  const ended = await batches.retrieve(first.id);
  expect(ended).toMatchObject({ processing_status: "ended", request_counts: { processing: 0, succeeded: 3 } });
  const ids: string[] = [];
  for await (const { custom_id, result } of await batches.results(first.id)) {
    ids.push(custom_id);
    expect(result).toMatchObject({ type: "succeeded", message: { type: "message", stop_reason: "end_turn" } });
  }
  expect(ids).toEqual(["id_2", "id_1", "id_0"]);

  const second = await batches.create({ requests });
  expect(await batches.cancel(second.id)).toMatchObject({ processing_status: "canceling" });
  const cancelled = await batches.retrieve(second.id);
  expect(cancelled.request_counts).toMatchObject({ succeeded: 1, canceled: 2 });
  await batches.create({ requests: [{ custom_id: "odd", params: asking("q", { stream: true }) as never }] });
  const listed: string[] = [];
  for await (const { id } of batches.list({ limit: 2 })) listed.push(id);
  expect(listed).toEqual(["msgbatch_000003", "msgbatch_000002", "msgbatch_000001"]);
  for await (const { result } of await batches.results("msgbatch_000003")) {
    expect(result).toMatchObject({ type: "errored", error: { error: { type: "invalid_request_error" } } });
  }
  const refused = await batches.create({ requests: [] }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(APIError);
  expect(refused).toMatchObject({ status: 400, type: "invalid_request_error" });
});
