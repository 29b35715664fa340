import assert from "node:assert/strict";
import type { JsonValue } from "@remem/core/plugin";
import type { Harness } from "./harness.ts";

const ANSWER: { readonly [member: string]: JsonValue } = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_735_689_600,
  model: "gpt-4o-mini-2024-07-18",
  choices: [
    {
      index: 0,
      finish_reason: "stop",
      message: {
        role: "assistant",
        content: "Because.",
        refusal: null,
        reasoning_content: "Hm.",
        vendor: { of: [1.5] },
      },
      logprobs: null,
      content_filter_results: { hate: { filtered: false, severity: "safe" } },
    },
  ],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, vendor_tokens: 1 },
  prompt_filter_results: [],
  vendor: null,
};

export const answerCases = {
  async "keeps unknown members of an answer"({ open }: Harness): Promise<void> {
    const answer = await (await open([{ body: ANSWER }])).answer();
    assert.deepEqual(JSON.parse(JSON.stringify(answer)), ANSWER);
  },

  async "refuses an answer without choices"({ open }: Harness): Promise<void> {
    const { choices: _, ...rest } = ANSWER;
    for (const body of [{ ...rest, choices: [] }, rest, null]) await (await open([{ body }])).failure();
  },

  async "refuses an answer that is HTML"({ open }: Harness): Promise<void> {
    const body = "<!doctype html><title>Sign in</title>";
    await (await open([{ body, headers: { "content-type": "text/html" } }])).failure();
  },

  async "refuses an answer that is half JSON"({ open }: Harness): Promise<void> {
    const text = JSON.stringify(ANSWER);
    await (await open([{ body: text.slice(0, text.length / 2) }])).failure();
  },

  async "refuses an error in a 200, even beside choices"({ open }: Harness): Promise<void> {
    const error = { message: "The upstream gave up.", code: 502 };
    for (const body of [{ error }, { error: "The upstream gave up." }, { ...ANSWER, error }]) {
      await (await open([{ body }])).failure();
    }
  },
};
