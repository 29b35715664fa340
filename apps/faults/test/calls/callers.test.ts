import { openaiProvider } from "@remem/openai";
import { temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, test, vi } from "vitest";
import { ask, open, startServer } from "../client.ts";

const messages = [{ role: "user", content: "Hi" }] as const;

/** A client of a server whose first answer never arrives, and the signals of the requests. */
async function openOverSilence() {
  const server = await startServer();
  server.script([{ stall: "headers" }]);
  const sent: AbortSignal[] = [];
  const provider = openaiProvider({
    baseURL: server.baseURL,
    apiKey: "sk-test",
    maxRetries: 0,
    fetch(input, init) {
      sent.push(init!.signal!);
      return fetch(input, init);
    },
  });
  const arrived = () => vi.waitFor(() => expect(server.calls).toBe(1), { timeout: 30_000, interval: 10 });
  return { server, sent, arrived, ...open({ provider, store: `sqlite:${temporaryFile()}` }) };
}

describe("an abort", () => {
  test("by one caller leaves the others and the call running", async () => {
    const { client, server, sent, arrived } = await openOverSilence();
    const leaving = new AbortController();
    const left = client.infer(messages, {}, { signal: leaving.signal });
    const staying = new AbortController();
    const stayed = client.infer(messages, {}, { signal: staying.signal });
    await arrived();
    leaving.abort(new Error("I leave"));
    await expect(left).rejects.toThrow("I leave");
    expect(sent.map(({ aborted }) => aborted)).toEqual([false]);
    staying.abort(new Error("I leave, too"));
    await expect(stayed).rejects.toThrow("I leave, too");
    expect(server.calls).toBe(1);
  });

  test("by the only caller cancels the provider's call, and the key is usable again", async () => {
    const { client, sent, arrived } = await openOverSilence();
    const leaving = new AbortController();
    const left = client.infer(messages, {}, { signal: leaving.signal });
    await arrived();
    leaving.abort(new Error("I leave"));
    await expect(left).rejects.toThrow("I leave");
    expect(sent.map(({ aborted }) => aborted)).toEqual([true]);
    expect(client.stats().stored).toBe(0);
    expect(await ask(client, "Hi")).toMatchObject({ source: "provider" });
    expect(await ask(client, "Hi")).toMatchObject({ source: "store" });
  });

  test("by an exhausted budget is a PROVIDER_TIMEOUT for that caller only", async () => {
    const { client, sent, arrived } = await openOverSilence();
    const staying = new AbortController();
    const stayed = client.infer(messages, {}, { signal: staying.signal });
    await arrived();
    const hurried = client.infer(messages, {}, { timeoutMs: 50 });
    await expect(hurried).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
    expect(sent.map(({ aborted }) => aborted)).toEqual([false]);
    staying.abort(new Error("I leave"));
    await expect(stayed).rejects.toThrow("I leave");
    expect(await ask(client, "Hi")).toMatchObject({ source: "provider" });
  });

  test("by half of the callers does not affect the other half: they get the answer, and it is stored", async () => {
    const server = await startServer();
    const { client } = open({ baseURL: server.baseURL, apiKey: "sk-test", store: `sqlite:${temporaryFile()}` });
    const leaving = new AbortController();
    const calls = Array.from({ length: 20 }, (_, index) =>
      client.infer(messages, {}, index % 2 === 0 ? { signal: leaving.signal } : {}),
    );
    leaving.abort(new Error("I leave"));
    const outcomes = await Promise.allSettled(calls);
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 2 === 0) expect(outcome).toMatchObject({ status: "rejected", reason: { message: "I leave" } });
      else expect(outcome).toMatchObject({ status: "fulfilled", value: { metadata: { finish_reason: "stop" } } });
    }
    expect(server.calls).toBe(1);
    expect(await ask(client, "Hi")).toMatchObject({ source: "store" });
  });

  test("of a batch turns the missing answers into failures, and the next run asks only for those", async () => {
    const server = await startServer();
    const { client } = open({ baseURL: server.baseURL, apiKey: "sk-test", store: `sqlite:${temporaryFile()}` });
    const batch = Array.from({ length: 40 }, (_, index) => [{ role: "user" as const, content: `question ${index}` }]);
    const leaving = new AbortController();
    const results = await client.batchInfer(batch, undefined, {
      concurrency: 4,
      signal: leaving.signal,
      onProgress: ({ done }) => void (done === 10 && leaving.abort()),
    });
    const answered = results.filter((result) => !result.error).length;
    expect(answered).toBeGreaterThanOrEqual(9);
    expect(answered).toBeLessThan(40);
    for (const result of results) if (result.error) expect(result.error.code).toBe("ABORTED");

    const again = await client.batchInfer(batch, undefined, { concurrency: 4 });
    expect(again.every((result) => !result.error)).toBe(true);
    expect(client.stats().stored).toBe(40);
  });
});
