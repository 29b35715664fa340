import type { ChatCompletion } from "@remem/core";
import { describe, expect, test } from "vitest";
import { withReasoning } from "../src/think-block.ts";

/** Undefined if the text is unchanged. */
function splitThinking(text: string, thinks: boolean): { thoughts: unknown; answer: unknown } | undefined {
  const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }];
  const { message } = withReasoning({ id: "1", model: "m", created: 1, choices }, thinks).choices[0]!;
  const { content: answer, reasoning_content: thoughts = "" } = message;
  return answer === text && thoughts === "" ? undefined : { thoughts, answer };
}

describe("a block at the beginning is extracted:", () => {
  test.each<[string, string, { thoughts: string; answer: string }]>([
    ["as Qwen3 writes it", "<think>\nhmm\n</think>\n\n42", { thoughts: "hmm", answer: "42" }],
    ["on one line", "<think>hmm</think>42", { thoughts: "hmm", answer: "42" }],
    ["after blank lines", "\n\n<think>\nhmm\n</think>\n\n42", { thoughts: "hmm", answer: "42" }],
    ["an empty block of a model that does not think", "<think>\n\n</think>\n\n42", { thoughts: "", answer: "42" }],
    ["an unterminated block", "<think>\nhmm", { thoughts: "hmm", answer: "" }],
    ["with nothing after it", "<think>\nhmm\n</think>\n\n", { thoughts: "hmm", answer: "" }],
    [
      "up to its first end",
      "<think>a</think>\n\nThe end is `</think>`.",
      { thoughts: "a", answer: "The end is `</think>`." },
    ],
    [
      "and the answer keeps its indentation and its end",
      "<think>a</think>\n\n    code\n\n",
      { thoughts: "a", answer: "    code\n\n" },
    ],
  ])("%s", (_, text, split) => {
    expect(splitThinking(text, false)).toEqual(split);
    expect(splitThinking(text, true)).toEqual(split);
  });
});

test("if the template has opened the block, the text has only the end", () => {
  expect(splitThinking("hmm\n</think>\n\n42", true)).toEqual({ thoughts: "hmm", answer: "42" });
  expect(splitThinking("\n</think>\n\n42", true)).toEqual({ thoughts: "", answer: "42" });
});

describe("anything else is unchanged:", () => {
  test.each<[string, string, boolean]>([
    ["no block", "42", true],
    ["a quoted block", "Write <think>…</think>.", false],
    ["an end quoted by a model that does not think", "The end is </think>, always.", false],
    ["another tag", "<thinking>hmm</thinking>42", true],
    ["nothing", "", true],
  ])("%s", (_, text, opened) => {
    expect(splitThinking(text, opened)).toBeUndefined();
  });
});

describe("in a completion", () => {
  const completionOf = (...messages: readonly object[]) =>
    ({
      id: "1",
      vendor: [1],
      choices: messages.map((message, index) => ({ index, finish_reason: "stop", logprobs: null, message })),
    }) as unknown as ChatCompletion;

  const messagesOf = ({ choices }: ChatCompletion) => choices.map(({ message }) => message);

  test("the block of every choice is extracted, and everything else is kept", () => {
    const block = { role: "assistant", content: "<think>hmm</think>42", reasoning_content: null, vendor: 1 };
    const plain = { role: "assistant", content: "42" };
    const given = completionOf(block, plain);
    const before = structuredClone(given);
    expect(withReasoning(given, true)).toEqual(
      completionOf({ ...block, content: "42", reasoning_content: "hmm" }, plain),
    );
    expect(given).toEqual(before);
  });

  test("an empty block leaves no reasoning", () => {
    const [message] = messagesOf(withReasoning(completionOf({ content: "<think>\n\n</think>\n\n42" }), false));
    expect(message).toEqual({ content: "42" });
  });

  test.each([{ reasoning_content: "hmm" }, { reasoning: "hmm" }, { reasoning_content: "", reasoning: "hmm" }])(
    "the text is unchanged if the server has extracted the thoughts: %j",
    (thoughts) => {
      const message = { ...thoughts, content: "\n\n<think>is a tag</think>" };
      expect(messagesOf(withReasoning(completionOf(message), true))).toEqual([message]);
    },
  );

  test("messages without text are unchanged", () => {
    const given = completionOf({ content: null, tool_calls: [] }, { content: [{ type: "text", text: "<think>" }] });
    expect(withReasoning(given, true)).toEqual(given);
    const broken = { choices: [{}, null] } as unknown as ChatCompletion;
    expect(withReasoning(broken, true)).toEqual(broken);
  });
});
