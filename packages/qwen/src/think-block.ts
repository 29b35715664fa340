import type { ChatChoice, ChatCompletion } from "@remem/core";

/**
 * The answer with its thoughts in `reasoning_content`, as servers give it that take them out of the text themselves.
 * Others leave them in the text, between `<think>` and `</think>`; or before `</think>` alone where the model's template
 * has opened the block. That only a model that thinks can have meant (`thinks`): any other may be quoting.
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

/** Undefined where there is no block. One that has no end is all there is: the tokens were used up. */
function splitThinking(text: string, opened: boolean): { thoughts: string; answer: string } | undefined {
  const [opening] = /^\s*<think>/.exec(text) ?? [];
  if (opening === undefined && !opened) return undefined;
  const [thoughts = "", ...rest] = text.slice(opening?.length ?? 0).split("</think>");
  if (rest.length === 0) return opening === undefined ? undefined : { thoughts: thoughts.trim(), answer: "" };
  return { thoughts: thoughts.trim(), answer: rest.join("</think>").replace(/^\s*\n/, "") };
}
