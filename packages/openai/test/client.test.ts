import type { ChatRequest, LLMProvider } from "@remem/core";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type OpenAIClient, openaiProvider } from "../src/index.ts";
import { API_KEY, SDKS } from "./sdks.ts";

const request: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] };

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

function ask(provider: LLMProvider, asked: ChatRequest = request) {
  return provider.generate(asked, { signal: new AbortController().signal });
}

const asOwner = { ...request, stream: false } as never;

describe.each(SDKS)("a client of %s is asked as its owner made it:", (_, { OpenAI, AzureOpenAI }) => {
  const open = (options: object = {}) =>
    new OpenAI({ apiKey: API_KEY, baseURL: server.baseURL, maxRetries: 0, ...options });

  test.each([false, true])("with the deployment and the version of Azure (stream: %o)", async (stream) => {
    const endpoint = new URL(server.baseURL).origin;
    const client = new AzureOpenAI({ apiKey: API_KEY, endpoint, deployment: "eu-chat", apiVersion: "2024-10-21" });
    await ask(openaiProvider({ client }), { ...request, stream });
    expect(server.requests[0]?.url).toBe("/openai/deployments/eu-chat/chat/completions?api-version=2024-10-21");
  });

  test("with what a subclass changes", async () => {
    class Tenant extends OpenAI {
      readonly tenant: string;
      constructor(tenant: string) {
        super({ apiKey: API_KEY, baseURL: server.baseURL });
        this.tenant = tenant;
      }
      protected override defaultQuery() {
        return { tenant: this.tenant };
      }
    }
    await ask(openaiProvider({ client: new Tenant("a") }));
    expect(server.requests[0]?.url).toMatch(/\?tenant=a$/);
  });

  test.each([false, true])(
    "with what an instrumentation sees, which may read the answer first (stream: %o)",
    async (stream) => {
      const client = open();
      const create = vi.spyOn(client.chat.completions, "create"); // Awaits what it returns.
      expect((await ask(openaiProvider({ client }), { ...request, stream })).choices).toHaveLength(1);
      expect(create).toHaveBeenCalledOnce();
    },
  );

  test("also by a proxy whose promises have no `asResponse`", async () => {
    const completions = open().chat.completions;
    const create = async (...args: unknown[]) => Reflect.apply(completions.create, completions, args);
    const client = { baseURL: server.baseURL, timeout: 1_000, chat: { completions: { create } } };
    const provider = openaiProvider({ client: client as unknown as OpenAIClient });
    expect((await ask(provider)).choices).toHaveLength(1);
    server.script([{ headers: { "content-type": "text/plain" } }, { body: { error: { message: "gone", code: 503 } } }]);
    expect((await ask(provider)).choices).toHaveLength(1);
    await expect(ask(provider)).rejects.toMatchObject({ status: 503, retryable: true });
  });

  test("the owner's own calls are neither limited nor changed, before, during or after one of the provider", async () => {
    const fetched = vi.fn(fetch);
    const client = open({ fetch: fetched });
    const provider = openaiProvider({ client, maxResponseBytes: 10 });
    const owner = () => client.chat.completions.create(asOwner);
    await owner();
    await Promise.all([expect(ask(provider)).rejects.toThrow("`maxResponseBytes`"), owner(), owner()]);
    await owner();
    const redirects = fetched.mock.calls.map(([, init]) => init?.redirect);
    expect(redirects.filter((redirect) => redirect === "manual")).toHaveLength(1);
    expect(server.calls).toBe(5);
  });

  test("a call that the owner's `fetch` makes is the owner's", async () => {
    const seen: unknown[] = [];
    let isNested = false;
    const client: InstanceType<typeof OpenAI> = open({
      async fetch(...[input, init]: Parameters<typeof fetch>) {
        seen.push(init?.redirect);
        if (!isNested) {
          isNested = true;
          await client.chat.completions.create(asOwner);
        }
        return fetch(input, init);
      },
    });
    await ask(openaiProvider({ client }));
    expect(seen).toEqual(["manual", undefined]);
  });

  test("two providers over it, and concurrent calls, do not mix", async () => {
    const client = open();
    const [small, large] = [openaiProvider({ client, maxResponseBytes: 10 }), openaiProvider({ client })];
    const { fetch } = client as unknown as { fetch: unknown };
    const calls = Array.from({ length: 10 }, (_, index) => ask(index % 2 === 0 ? small : large));
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill(["rejected", "fulfilled"]).flat());
    const { fetch: installed } = client as unknown as { fetch: unknown };
    expect(installed).not.toBe(fetch);
    await ask(large);
    expect((client as unknown as { fetch: unknown }).fetch).toBe(installed);
  });

  test("a client that nobody may change is asked all the same, within `maxResponseBytes`", async () => {
    const client = Object.freeze(open());
    expect((await ask(openaiProvider({ client }))).choices).toHaveLength(1);
    const call = ask(openaiProvider({ client, maxResponseBytes: 10 }));
    await expect(call).rejects.toMatchObject({ status: 200, message: expect.stringContaining("`maxResponseBytes`") });
  });

  test("a timed-out attempt names what to raise", async () => {
    const client = open({ timeout: 20, fetch: () => new Promise(() => {}) });
    await expect(ask(openaiProvider({ client }))).rejects.toMatchObject({
      code: "PROVIDER_TIMEOUT",
      message: expect.stringContaining("within 20 ms, the timeout of an attempt. Raise the client's `timeout`"),
    });
  });
});
