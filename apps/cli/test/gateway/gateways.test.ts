import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { canStartRedis, startRedis } from "@remem/test-support/redis/redis-server";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Workspace, workspace } from "../support/remem.ts";
import { ask, type Serving, said, serving, WAIT } from "../support/serving.ts";

/** A server that hands out each of its exchanges, and that the gateways ask instead of that of the workspace. */
async function heldServer() {
  const exchanges: Array<{ readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }> = [];
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    exchanges.push({ incoming, outgoing });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  async function nth(index: number): Promise<ServerResponse> {
    await vi.waitFor(() => expect(exchanges.length).toBeGreaterThan(index), WAIT);
    return exchanges[index]!.outgoing;
  }
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, exchanges, nth };
}

/** Two gateways in processes of their own, over one Redis. */
async function two(place: Workspace, env: NodeJS.ProcessEnv = {}): Promise<readonly [Serving, Serving]> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const start = async (): Promise<Serving> => {
    const started = await serving(place, ["--store", redis.url], env);
    onTestFinished(() => void started.child.kill("SIGKILL"));
    return started;
  };
  return [await start(), await start()];
}

/** Resolves once so many requests are in flight at a gateway. */
async function hasInFlight({ url }: Serving, count: number): Promise<void> {
  await vi.waitFor(async () => {
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toMatch(new RegExp(`^remem_requests_in_flight ${count}$`, "m"));
  }, WAIT);
}

const ANSWER = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "The Vistula." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
});
const chunk = (content: string, finish_reason: string | null = null): string => {
  const choices = [{ index: 0, delta: { content }, finish_reason }];
  return `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
};
async function contentOf(response: Response): Promise<unknown> {
  const { choices } = (await response.json()) as { choices: Array<{ message: { content: string } }> };
  return choices[0]?.message.content;
}

describe.skipIf(!canStartRedis)("two gateways over one Redis", () => {
  test("are asked by many at once, and ask the server once", async () => {
    const place = await workspace();
    const server = await heldServer();
    const [one, other] = await two(place, { OPENAI_BASE_URL: server.baseURL });
    const asked = Array.from({ length: 20 }, (_, index) => ask((index % 2 === 0 ? one : other).url));
    const outgoing = await server.nth(0);
    await hasInFlight(one, 10);
    await hasInFlight(other, 10);
    outgoing.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
    const answers = await Promise.all(asked);
    expect(await Promise.all(answers.map(contentOf))).toEqual(Array(20).fill("The Vistula."));
    expect(server.exchanges).toHaveLength(1);
    expect(await contentOf(await ask(other.url))).toBe("The Vistula.");
    expect(server.exchanges).toHaveLength(1);
  });

  test("wait for a stream that the other one has begun", async () => {
    const place = await workspace();
    const server = await heldServer();
    const [one, other] = await two(place, { OPENAI_BASE_URL: server.baseURL });
    const streaming = ask(one.url, "Hi", { stream: true });
    const outgoing = await server.nth(0);
    outgoing.writeHead(200, { "content-type": "text/event-stream" }).write(chunk("The "));
    const reader = (await streaming).body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain("The ");
    const [whole, stream] = [ask(other.url), ask(other.url, "Hi", { stream: true })];
    await hasInFlight(other, 2);
    outgoing.end(`${chunk("Vistula.")}${chunk("", "stop")}data: [DONE]\n\n`);
    expect(await contentOf(await whole)).toBe("The Vistula.");
    expect(await (await stream).text()).toContain("Vistula.");
    let rest = "";
    for (let next = await reader.read(); !next.done; next = await reader.read()) rest += next.value;
    expect(rest).toContain("[DONE]");
    expect(server.exchanges).toHaveLength(1);
  });

  test("succeed one another: where one is killed in a call, the other asks once more for its own callers", async () => {
    const place = await workspace();
    const server = await heldServer();
    const [one, other] = await two(place, { OPENAI_BASE_URL: server.baseURL });
    const lost = ask(one.url).catch((error: Error) => error);
    await server.nth(0);
    const waiting = [ask(other.url), ask(other.url)];
    await hasInFlight(other, 2);
    one.child.kill("SIGKILL");
    expect(await lost).toBeInstanceOf(Error);
    const outgoing = await server.nth(1);
    outgoing.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
    for (const response of await Promise.all(waiting)) expect(await contentOf(response)).toBe("The Vistula.");
    expect(server.exchanges).toHaveLength(2);
  });

  test("end one by one under load, and lose nothing", async () => {
    const place = await workspace();
    const server = await heldServer();
    const [one, other] = await two(place, { OPENAI_BASE_URL: server.baseURL });
    const asked = Array.from({ length: 10 }, (_, index) => ask(one.url, `Hi ${index}`));
    await hasInFlight(one, 10);
    await server.nth(9);
    one.child.kill("SIGTERM");
    await said(one.child, "stopping");
    await vi.waitFor(() => expect(ask(one.url)).rejects.toThrow(), WAIT); // It listens no more.
    for (const { outgoing } of server.exchanges) {
      outgoing.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
    }
    for (const response of await Promise.all(asked)) expect(await contentOf(response)).toBe("The Vistula.");
    const { status, err } = await one.child.ended;
    expect(status).toBe(0);
    expect(err).toMatch(/^misses +10$/m);
    for (let index = 0; index < 10; index++) {
      expect((await ask(other.url, `Hi ${index}`)).headers.get("cache-status")).toBe("remem; hit");
    }
    expect(server.exchanges).toHaveLength(10);
    other.child.kill("SIGTERM");
    expect((await other.child.ended).status).toBe(0);
  });
});
