import { memoryStore } from "@remem/core";
import { completionsServer } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { chatClients, textIn } from "../../../packages/fetch/test/clients/chat-clients.ts";
import { type StartCache, testClients } from "../../../packages/fetch/test/clients/clients.ts";
import { geminiClients } from "../../../packages/fetch/test/clients/gemini-clients.ts";
import { messagesClients } from "../../../packages/fetch/test/clients/messages-clients.ts";
import { ollamaClients } from "../../../packages/fetch/test/clients/ollama-clients.ts";
import { responsesClients } from "../../../packages/fetch/test/clients/responses-clients.ts";
import { startGateway, vendorsAt } from "./gateway.ts";

const { fetch: originalFetch } = globalThis;

/** Nothing but its base URL tells a client that there is a gateway. */
const throughGateway: StartCache = async (store, server) => {
  const { url, gateway } = await startGateway({ store, upstreams: vendorsAt(server) });
  return { fetch: originalFetch, origin: url, stats: () => gateway.stats().cache, close: gateway.close };
};

testClients({ ...responsesClients, ...messagesClients, ...geminiClients, ...ollamaClients }, undefined, throughGateway);

describe.each(Object.entries(chatClients))("%s:", (_, open) => {
  test.each(["text", "stream"] as const)("a %s that hits is what its miss was", async (kind) => {
    const server = await completionsServer();
    onTestFinished(() => server.close());
    const { url, gateway } = await startGateway({
      store: memoryStore(),
      upstreams: vendorsAt(new URL(server.baseURL).origin),
    });
    const client = open(originalFetch, { baseURL: `${url}/v1` });
    const miss = await client[kind]();
    const hit = await client[kind]();
    if (kind === "stream") expect(textIn(hit)).toBe(textIn(miss));
    else expect(hit).toEqual(miss);
    expect(server.calls).toBe(1);
    expect(gateway.stats().cache).toMatchObject({ hits: 1, misses: 1 });
  });
});
