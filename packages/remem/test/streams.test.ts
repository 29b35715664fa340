import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatCompletion, Client } from "@remem/core";
import { chatChunks, createChatAggregate } from "@remem/core/plugin";
import { type Child, startChild } from "@remem/test-support/child";
import { hasRedis, useRedis } from "@remem/test-support/redis/redis-server";
import { temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createRemem } from "../src/index.ts";

const ANSWER: ChatCompletion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_763_800_000,
  model: "m-2026",
  choices: [
    {
      index: 0,
      finish_reason: "tool_calls",
      logprobs: null,
      message: {
        role: "assistant",
        content: "Let me look that up.",
        refusal: null,
        reasoning_content: "They greet me.",
        tool_calls: [{ id: "call_1", type: "function", function: { name: "look_up", arguments: '{"word":"Hi"}' } }],
      },
    },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 7, total_tokens: 16 },
};
/** Of this run alone: the keys have it and the address of a test's server, and so a Redis may be shared. */
const MODEL = `m-${crypto.randomUUID()}`;
const TEXT = "Let me look that up.";

/** A server that begins to answer, whole or as a stream, and goes on once it is let. */
async function heldServer() {
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    calls += 1;
    if (JSON.parse(body).stream !== true) {
      await gate.promise;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ANSWER));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const events = Array.from(chatChunks(ANSWER, { byWord: true }), (chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
    response.write(events.slice(0, 5).join(""));
    await gate.promise;
    response.end(`${events.slice(5).join("")}data: [DONE]\n\n`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get calls() {
      return calls;
    },
    goOn: () => gate.resolve(),
  };
}
type Server = Awaited<ReturnType<typeof heldServer>>;

type Way = "infer" | "stream";
const WAYS: readonly Way[] = ["infer", "stream"];
const PAIRS = WAYS.flatMap((first) => WAYS.map((second) => [first, second] as const));

function open(store: string, { baseURL }: Pick<Server, "baseURL">): Client {
  const client = createRemem({ store, baseURL, apiKey: "sk-test", model: MODEL });
  onTestFinished(() => client.close());
  return client;
}
async function ask(client: Client, way: Way): Promise<{ completion: unknown; source: string }> {
  if (way === "infer") {
    const { completion, source } = await client.infer("Hi");
    return { completion, source };
  }
  const stream = client.stream("Hi", { stream_options: { include_usage: true } });
  const aggregate = createChatAggregate();
  for await (const chunk of stream) aggregate.add(chunk);
  const { completion, source } = await stream.result();
  expect(aggregate.answer()).toEqual(completion);
  return { completion, source };
}

interface Asking {
  /** Resolves once the call is made. */
  readonly asked: Promise<void>;
  readonly answer: Promise<{ completion: unknown; source: string }>;
}
/** Asks in another process. */
async function startElsewhere(store: string, { baseURL }: Pick<Server, "baseURL">): Promise<Child> {
  const child = startChild(new URL("processes/streamer.mjs", import.meta.url), [store, baseURL, MODEL]);
  await child.says("ready");
  return child;
}
function askIn(child: Child, way: Way): Asking {
  child.process.send(way);
  const answer = child
    .hears((message) => (message as { completion?: unknown }).completion !== undefined)
    .then((message) => {
      const { text, ...rest } = message as { completion: unknown; source: string; text?: string };
      if (way === "stream") expect(text).toBe(TEXT);
      return rest;
    });
  return { asked: child.says("asking"), answer };
}

const stores = [
  { name: "SQLite", open: async () => `sqlite:${temporaryFile()}` },
  {
    name: "Redis",
    async open() {
      const redis = await useRedis();
      onTestFinished(() => redis.stop());
      return redis.url;
    },
  },
].filter(({ name }) => name !== "Redis" || hasRedis);

describe.each(stores)("over $name, one call answers both", (store) => {
  test.each(PAIRS)("in one process: %s, joined by %s, and then hits", async (first, second) => {
    const server = await heldServer();
    const client = open(await store.open(), server);
    const one = ask(client, first);
    await vi.waitFor(() => expect(server.calls).toBe(1), 30_000);
    const other = ask(client, second);
    server.goOn();
    expect(await one).toEqual({ completion: ANSWER, source: "provider" });
    expect(await other).toEqual({ completion: ANSWER, source: "flight" });
    for (const way of WAYS) expect(await ask(client, way)).toEqual({ completion: ANSWER, source: "store" });
    expect(server.calls).toBe(1);
  });

  test.each(PAIRS)("in two processes: %s, joined by %s, and then hits", async (first, second) => {
    const server = await heldServer();
    const url = await store.open();
    const client = open(url, server);
    const child = await startElsewhere(url, server);
    const one = ask(client, first);
    await vi.waitFor(() => expect(server.calls).toBe(1), 30_000);
    const other = askIn(child, second);
    await other.asked;
    server.goOn();
    expect(await one).toEqual({ completion: ANSWER, source: "provider" });
    expect(await other.answer).toEqual({ completion: ANSWER, source: "store" });
    for (const way of WAYS) {
      const hit = askIn(await startElsewhere(url, server), way);
      expect(await hit.answer).toEqual({ completion: ANSWER, source: "store" });
    }
    expect(server.calls).toBe(1);
    expect(await child.end).toEqual({ code: 0, output: "" });
  });
});

test("a process that is killed within its stream leaves nothing, and a follower in another asks anew", async () => {
  const server = await heldServer();
  const url = `sqlite:${temporaryFile()}`;
  const child = await startElsewhere(url, server);
  const { answer } = askIn(child, "stream");
  answer.catch(() => {});
  await child.hears((message) => (message as { text?: unknown }).text !== undefined);
  const client = open(url, server);
  const following = ask(client, "stream");
  child.process.kill("SIGKILL");
  await vi.waitFor(() => expect(server.calls).toBe(2), 30_000);
  expect(await client.has("Hi")).toBe(false);
  server.goOn();
  expect(await following).toEqual({ completion: ANSWER, source: "provider" });
});
