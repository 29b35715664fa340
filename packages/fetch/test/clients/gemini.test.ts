import { createGoogle } from "@ai-sdk/google";
import { memoryStore } from "@remem/core";
import { generateText, isStepCount, tool } from "ai";
import { expect, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { PROMPT, schema, testClients } from "./clients.ts";
import { geminiClients } from "./gemini-clients.ts";

const model = "gemini-2.5-flash";

testClients(geminiClients);

test("a loop of calls hits throughout, although the AI SDK makes up their ids", async () => {
  let calls = 0;
  await using fetch = cachedFetch({
    store: memoryStore(),
    async fetch(_, init) {
      calls += 1;
      const called = { functionCall: { name: "river", args: { city: "Kraków" } } };
      const part = String(init?.body).includes("functionResponse") ? { text: "The Vistula." } : called;
      return Response.json({ candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }] });
    },
  });
  const google = createGoogle({ fetch: fetch as typeof globalThis.fetch, apiKey: "k" });
  const river = tool({ inputSchema: schema, execute: ({ city }) => `${city}: Vistula` });
  for (let turn = 0; turn < 2; turn++) {
    const asked = { model: google(model), prompt: PROMPT, tools: { river }, stopWhen: isStepCount(2) };
    expect((await generateText(asked)).text).toBe("The Vistula.");
    expect(calls).toBe(2);
  }
});
