import { type ChatRequest, createClient, type LLMProvider, memoryStore } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { OpenAI } from "openai";
import { OpenAI as OpenAI6 } from "openai-6";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatCompletions } from "../../src/plugin.ts";
import { type Message, SERVERS } from "./servers.ts";

let server: CompletionsServer;
beforeAll(async () => {
  server = await completionsServer();
});
afterAll(() => server.close());

const SDKS = { "openai 7": OpenAI, "openai 6": OpenAI6 } as const;
const FORMS = { plain: false, streamed: true } as const;

const ways = Object.keys(SDKS).flatMap((sdk) => Object.keys(FORMS).map((form) => [sdk, form] as const));

describe.each(ways as Array<[keyof typeof SDKS, keyof typeof FORMS]>)("through %s, %s,", (sdk, form) => {
  function clientFor(): ReturnType<typeof createClient> {
    const { generate } = chatCompletions({
      id: "test",
      timeoutMs: 5_000,
      connect: async (fetch) =>
        new SDKS[sdk]({ apiKey: "sk-test", baseURL: server.baseURL, maxRetries: 0, fetch }) as never,
    });
    const provider: LLMProvider = {
      specVersion: 1,
      id: "test",
      generate: (request: ChatRequest, context) => generate({ ...request, stream: FORMS[form] }, context),
    };
    return createClient({ provider, store: memoryStore(), params: { model: "m" } });
  }

  async function ask(choice: object, usage: object = {}) {
    server.script([answerOf(choice, usage, FORMS[form])]);
    const client = clientFor();
    const result = await client.infer("Name a lake.");
    const { stored, notStored } = client.stats();
    return { result, isStored: stored === 1, notStored };
  }

  describe.each(SERVERS.map((one) => [one.name, one] as const))(
    "%s:",
    (_, { whole = [], partial = [], messages = [], failures = [] }) => {
      test.each([...whole])("an answer that ended with %s is stored", async (finish_reason) => {
        expect(await ask({ message: { content: "A lake." }, finish_reason })).toMatchObject({ isStored: true });
      });

      test.each([...partial])(
        "an answer that ended with %s is returned, not stored, and counted",
        async (finish_reason) => {
          const { result, isStored, notStored } = await ask({ message: { content: "A lake." }, finish_reason });
          expect(result).toMatchObject({ response: "A lake.", metadata: { finish_reason } });
          expect({ isStored, notStored }).toEqual({ isStored: false, notStored: { "finish-reason": 1 } });
        },
      );

      test.each(messages.map((one) => [JSON.stringify(one.message), one] as [string, Message]))(
        "the message %s",
        async (_, expected) => {
          const { message, finish_reason = "stop", response, reasoning } = expected;
          const { result, isStored } = await ask({ message, finish_reason });
          expect({ response: result.response, reasoning: result.metadata.reasoning, isStored }).toEqual({
            response,
            reasoning,
            isStored: expected.isStored,
          });
        },
      );

      test.each(failures.map((one) => [one.status, JSON.stringify(one.body), one] as const))(
        "%s %s",
        async (status, _, { body, expected }) => {
          server.script([{ status, body: body as never, headers: { "content-type": "application/json" } }]);
          const client = clientFor();
          await expect(client.infer("Name a lake.")).rejects.toMatchObject({
            name: "ProviderError",
            status: expected.status,
            retryable: expected.retryable,
            message: expect.stringContaining(expected.words),
          });
          expect(client.stats()).toMatchObject({ stored: 0, providerCalls: 1 });
        },
      );
    },
  );
});

const ENVELOPE = { id: "1", created: 1, model: "m" };

/** An answer with this choice: whole, or as a stream of two chunks. */
function answerOf(
  { message, finish_reason }: { message?: object; finish_reason?: string },
  usage: object,
  isStreamed: boolean,
): Fault {
  const role = { role: "assistant" };
  if (!isStreamed) {
    const choices = [{ index: 0, finish_reason, message: { ...role, ...message } }];
    return { body: { ...ENVELOPE, object: "chat.completion", choices, usage } as never };
  }
  const chunks = [
    { index: 0, delta: { ...role, ...message }, finish_reason: null },
    { index: 0, delta: {}, finish_reason },
  ].map((choice) => ({ ...ENVELOPE, object: "chat.completion.chunk", choices: [choice] }));
  const body = [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
  return { body, headers: { "content-type": "text/event-stream" } };
}
