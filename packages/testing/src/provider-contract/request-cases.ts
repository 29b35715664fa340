import assert from "node:assert/strict";
import type { ChatRequest } from "@remem/core/plugin";
import { isObject, type JsonObject } from "../json.ts";
import { type Harness, QUESTION, type Setup } from "./harness.ts";

/** A value of every kind, and some that look as if they could be omitted. */
const FULL: ChatRequest = {
  model: "gpt-4o-mini",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", name: "Zoë", content: [{ type: "text", text: "¿Qué significa 忖度? 🤔\u2028" }] },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name: "look_up", arguments: '{ "word":1.0 }' } }],
    },
    { role: "tool", tool_call_id: "call_1", content: "" },
  ],
  seed: null,
  temperature: 0,
  top_p: 0.1,
  n: 2,
  max_tokens: 64,
  stop: ["\n", "END"],
  presence_penalty: -0.5,
  logit_bias: { "50256": -100 },
  logprobs: false,
  user: "",
  metadata: {},
  parallel_tool_calls: false,
  tool_choice: "none",
  tools: [{ type: "function", function: { name: "look_up", parameters: { type: "object", required: [] } } }],
  response_format: { type: "json_schema", json_schema: { name: "z", strict: true, schema: { b: {}, a: {} } } },
  unheard_of: { deep: [1.5, null, [], {}, "ü"], camelCase: true },
};

export const requestCases = {
  async "declares specVersion 1 and an id"({ open }: Harness): Promise<void> {
    const { provider } = await open();
    assert.equal(provider.specVersion, 1, "`specVersion` must be 1.");
    assert.ok(isNonEmpty(provider.id), "`id` must be a non-empty string.");
    assert.ok(
      provider.scope === undefined || isNonEmpty(provider.scope),
      "`scope` must be a non-empty string, or omitted.",
    );
  },

  async "sends nothing when it is created"({ open, yieldToEventLoop }: Harness): Promise<void> {
    const setup = await open();
    await yieldToEventLoop();
    assert.deepEqual([setup.fetches, setup.server.calls], [0, 0], "It sent something before the first call.");
  },

  async "sends every parameter by its wire name, unchanged"({ open }: Harness): Promise<void> {
    const sent = await sentBy(await open(), FULL);
    const known = Object.entries(sent).filter(([name]) => Object.hasOwn(FULL, name));
    assert.deepEqual(Object.fromEntries(known), FULL);
  },

  async "adds only documented members to the body"({ open, adds }: Harness): Promise<void> {
    for (const request of [QUESTION, FULL]) {
      const documented = new Set([...Object.keys(request), ...adds]);
      const added = Object.keys(await sentBy(await open(), request)).filter((name) => !documented.has(name));
      assert.deepEqual(
        added,
        [],
        `It adds ${added.join(", ")} to the body. List members that it documents in \`adds\`.`,
      );
    }
  },

  async "does not change its request"({ open }: Harness): Promise<void> {
    // Not structuredClone: in Jest it copies into another realm, whose objects have other prototypes.
    const request = JSON.parse(JSON.stringify(FULL)) as ChatRequest;
    await (await open()).answer({ request });
    assert.deepEqual(request, FULL);
  },
};

async function sentBy({ answer, server }: Setup, request: ChatRequest): Promise<JsonObject> {
  await answer({ request });
  assert.equal(server.calls, 1, `Expected one request, not ${server.calls}.`);
  const body = server.requests[0]?.body;
  assert.ok(isObject(body), "The body of a request must be an object.");
  return body;
}

function isNonEmpty(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
