import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatCompletion, Client } from "@remem/core";
import { chatChunks, createChatAggregate } from "@remem/core/plugin";
import { type Child, startChild } from "@remem/test-support/child";
import { hasRedis, useRedis } from "@remem/test-support/redis/redis-server";
import { temporaryFile } from "@remem/test-support/temporary";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { cachedFetch, createRemem, storeFromUrl } from "../src/index.ts";

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

type Way = "infer" | "stream" | "fetch" | "fetch stream";
const WAYS: readonly Way[] = ["infer", "stream", "fetch", "fetch stream"];
const PAIRS = WAYS.flatMap((first) => WAYS.map((second) => [first, second] as const));

interface Answered {
  readonly completion: unknown;
  readonly source: string;
}

/** A client and a `fetch` over one store. */
function open(url: string, { baseURL }: Pick<Server, "baseURL">): { client: Client; ask(way: Way): Promise<Answered> } {
  const store = storeFromUrl(url);
  const client = createRemem({ store, baseURL, apiKey: "sk-test", model: MODEL });
  const fetch = cachedFetch({ store });
  onTestFinished(async () => {
    await client.close();
    await fetch.close();
  });
  return {
    client,
    async ask(way) {
      if (way === "infer") {
        const { completion, source } = await client.infer("Hi");
        return { completion, source };
      }
      if (way !== "stream") {
        const options = way === "fetch" ? {} : { stream: true, stream_options: { include_usage: true } };
        const body = JSON.stringify({ model: MODEL, messages: [{ role: "user", content: "Hi" }], ...options });
        const response = await fetch(`${baseURL}/chat/completions`, { method: "POST", body });
        return readResponse(await response.text(), response.headers.get("cache-status"));
      }
      const stream = client.stream("Hi", { stream_options: { include_usage: true } });
      const aggregate = createChatAggregate();
      for await (const chunk of stream) aggregate.add(chunk);
      const { completion, source } = await stream.result();
      expect(aggregate.answer()).toEqual(completion);
      return { completion, source };
    },
  };
}

const SOURCES = new Map([
  ["remem; hit", "store"],
  ["remem; fwd=miss; collapsed", "flight"],
  ["remem; fwd=miss", "provider"],
]);

function readResponse(body: string, cache: string | null | undefined): Answered {
  const source = SOURCES.get(cache ?? "") ?? `${cache}`;
  if (!body.startsWith("data:")) return { completion: JSON.parse(body), source };
  const events = [...body.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!);
  expect(events.pop()).toBe("[DONE]");
  const aggregate = createChatAggregate();
  for (const event of events) aggregate.add(JSON.parse(event));
  return { completion: aggregate.answer(), source };
}

interface Asking {
  /** Resolves once the call is made. */
  readonly asked: Promise<void>;
  readonly answer: Promise<Answered>;
}
/** Asks in another process. */
async function startElsewhere(store: string, { baseURL }: Pick<Server, "baseURL">): Promise<Child> {
  const child = startChild(new URL("processes/streamer.mjs", import.meta.url), [store, baseURL, MODEL]);
  await child.says("ready");
  return child;
}
function askIn(child: Child, way: Way): Asking {
  const id = crypto.randomUUID();
  child.process.send({ id, way });
  const answer = child
    .hears((message) => (message as { id?: string }).id === id)
    .then((message) => {
      const { id: _, text, body, cache, ...rest } = message as Answered & Readonly<Record<string, string>>;
      if (way === "stream") expect(text).toBe(TEXT);
      return body === undefined ? rest : readResponse(body, cache);
    });
  return { asked: child.says({ asked: id }), answer };
}

let redis: ReturnType<typeof useRedis> | undefined;
afterAll(async () => (await redis)?.stop());

const stores = [
  { name: "SQLite", open: async () => `sqlite:${temporaryFile()}` },
  {
    name: "Redis",
    async open() {
      redis ??= useRedis();
      return (await redis).url;
    },
  },
].filter(({ name }) => name !== "Redis" || hasRedis);

describe.each(stores)("over $name, one call answers both", (store) => {
  test.each(PAIRS)("in one process: %s, joined by %s, and then hits", async (first, second) => {
    const server = await heldServer();
    const { ask } = open(await store.open(), server);
    const one = ask(first);
    await vi.waitFor(() => expect(server.calls).toBe(1), 30_000);
    const other = ask(second);
    server.goOn();
    expect(await one).toEqual({ completion: ANSWER, source: "provider" });
    expect(await other).toEqual({ completion: ANSWER, source: "flight" });
    for (const way of WAYS) expect(await ask(way)).toEqual({ completion: ANSWER, source: "store" });
    expect(server.calls).toBe(1);
  });

  test.each(PAIRS)("in two processes: %s, joined by %s, and then hits", async (first, second) => {
    const server = await heldServer();
    const url = await store.open();
    const { ask } = open(url, server);
    const child = await startElsewhere(url, server);
    const one = ask(first);
    await vi.waitFor(() => expect(server.calls).toBe(1), 30_000);
    const other = askIn(child, second);
    await other.asked;
    server.goOn();
    expect(await one).toEqual({ completion: ANSWER, source: "provider" });
    expect(await other.answer).toEqual({ completion: ANSWER, source: "store" });
    for (const way of WAYS) expect(await askIn(child, way).answer).toEqual({ completion: ANSWER, source: "store" });
    expect(server.calls).toBe(1);
    child.process.send("end");
    expect(await child.end).toEqual({ code: 0, output: "" });
  });

  test("of twenty callers in two processes, in all of their ways at once", async () => {
    const server = await heldServer();
    const url = await store.open();
    const { ask } = open(url, server);
    const child = await startElsewhere(url, server);
    const own = Array.from({ length: 16 }, (_, index) => ask(WAYS[index % WAYS.length]!));
    const others = WAYS.map((way) => askIn(child, way));
    await Promise.all(others.map(({ asked }) => asked));
    server.goOn();
    for (const answer of [...own, ...others.map((one) => one.answer)]) {
      expect((await answer).completion).toEqual(ANSWER);
    }
    expect(server.calls).toBe(1);
  });
});

test("a process that is killed within its stream leaves nothing, and a follower in another asks anew", async () => {
  const server = await heldServer();
  const url = `sqlite:${temporaryFile()}`;
  const child = await startElsewhere(url, server);
  const { answer } = askIn(child, "stream");
  answer.catch(() => {});
  await child.hears((message) => (message as { text?: unknown }).text !== undefined);
  const { client, ask } = open(url, server);
  const following = ask("stream");
  child.process.kill("SIGKILL");
  await vi.waitFor(() => expect(server.calls).toBe(2), 30_000);
  expect(await client.has("Hi")).toBe(false);
  server.goOn();
  expect(await following).toEqual({ completion: ANSWER, source: "provider" });
});
