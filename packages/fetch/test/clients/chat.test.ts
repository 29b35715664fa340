import { memoryStore } from "@remem/core";
import { completionsServer } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { chatClients, textIn } from "./chat-clients.ts";

type Fetch = typeof globalThis.fetch;

describe.each(Object.entries(chatClients))("%s", (name, open) => {
  async function setUp() {
    const server = await completionsServer();
    const fetch = cachedFetch({ store: memoryStore() });
    onTestFinished(async () => {
      await fetch.close();
      await server.close();
    });
    return { server, fetch, cached: open(fetch as Fetch, server), bare: open(globalThis.fetch, server) };
  }

  test.each(["text", "stream", "tools", "structured"] as const)(
    "%s: a hit is what its miss was, and what it is without the cache",
    async (kind) => {
      const { server, fetch, cached, bare } = await setUp();
      if (cached[kind] === undefined || (name === "groq-sdk" && kind === "structured")) return;
      const miss = await cached[kind]();
      expect(server.calls).toBe(1);
      const hit = await cached[kind]();
      expect(server.calls).toBe(1);
      expect(fetch.stats()).toMatchObject({ hits: 1, misses: 1 });
      if (kind === "stream") expect(textIn(hit)).toBe(textIn(miss));
      else expect(hit).toEqual(miss);
      expect(shapeOf(miss)).toEqual(shapeOf(await bare[kind]!()));
    },
  );

  test("20 equal calls at a time are one, whole and as streams", async () => {
    const { server, cached } = await setUp();
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? cached.text() : cached.stream())));
    expect(server.calls).toBe(1);
    expect(new Set(results.filter((_, index) => index % 2 === 0).map(textIn)).size).toBe(1);
  });
});

test("an entry is the same for whichever client has asked first", async () => {
  const server = await completionsServer();
  const fetch = cachedFetch({ store: memoryStore() }) as unknown as Fetch & { close(): Promise<void> };
  onTestFinished(async () => {
    await fetch.close();
    await server.close();
  });
  for (const name of ["openai 7", "openai 6", "@mistralai/mistralai"]) await chatClients[name]!(fetch, server).text();
  expect(server.calls).toBeLessThanOrEqual(2); // Mistral sends `stream: false` and more of its own.
});

/** The names and kinds of the members: the answers of two calls differ in ids and texts. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}
