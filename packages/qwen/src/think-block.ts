import type { ChatChoice, ChatCompletion } from "@remem/core/plugin";

/**
 * Moves thoughts from the text into `reasoning_content`, where some servers put them themselves. Other servers leave them in
 * the text, between `<think>` and `</think>`, or just before `</think>` if the model's template has opened the block. A lone
 * `</think>` counts only if the model thinks (`thinks`); any other model may be quoting it.
 */
export function withReasoning(completion: ChatCompletion, thinks: boolean): ChatCompletion {
  return { ...completion, choices: completion.choices.map((choice) => choiceWithReasoning(choice, thinks)) };
}

function choiceWithReasoning(choice: ChatChoice, thinks: boolean): ChatChoice {
  const { content, reasoning_content, reasoning } = choice?.message ?? {};
  if (typeof content !== "string" || reasoning_content || reasoning) return choice;
  const split = splitThinking(content, thinks);
  if (split === undefined) return choice;
  const { thoughts, answer } = split;
  const message = { ...choice.message, content: answer, ...(thoughts !== "" && { reasoning_content: thoughts }) };
  return { ...choice, message };
}

/** Undefined without a block. A block without an end takes the whole text: the model ran out of tokens. */
function splitThinking(text: string, opened: boolean): { thoughts: string; answer: string } | undefined {
  const [opening] = /^\s*<think>/.exec(text) ?? [];
  if (opening === undefined && !opened) return undefined;
  const [thoughts = "", ...rest] = text.slice(opening?.length ?? 0).split("</think>");
  if (rest.length === 0) return opening === undefined ? undefined : { thoughts: thoughts.trim(), answer: "" };
  return { thoughts: thoughts.trim(), answer: rest.join("</think>").replace(/^\s*\n/, "") };
}
