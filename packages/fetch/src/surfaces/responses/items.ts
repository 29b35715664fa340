import { type Members, membersOf, wordsOf } from "@remem/core/plugin";

/** The events of one item of a response's output. */
export function* itemEvents(item: Members, index: number, byWord: boolean): Generator<Members, void, undefined> {
  const split = (text: unknown) => (byWord ? wordsOf(String(text)) : [String(text)]);
  const place = { item_id: item.id, output_index: index };
  yield { type: "response.output_item.added", output_index: index, item: begun(item) };
  for (const [at, part] of membersOf(item.summary).entries()) {
    yield* summaryEvents(part, { ...place, summary_index: at }, split);
  }
  for (const [at, part] of membersOf(item.content).entries()) {
    yield* contentEvents(part, { ...place, content_index: at }, split);
  }
  if (item.type === "function_call") yield* callEvents("function_call_arguments", "arguments", item, place, split);
  if (item.type === "custom_tool_call") yield* callEvents("custom_tool_call_input", "input", item, place, split);
  yield { type: "response.output_item.done", output_index: index, item };
}

type Split = (text: unknown) => readonly string[];

/** The item before its first part. */
function begun(item: Members): Members {
  const { type, status } = item;
  const isCall = type === "function_call" || type === "custom_tool_call";
  return {
    ...item,
    ...(status !== undefined && { status: "in_progress" }),
    ...(Array.isArray(item.content) && { content: [] }),
    ...(Array.isArray(item.summary) && { summary: [] }),
    ...(isCall && "arguments" in item && { arguments: "" }),
    ...(isCall && "input" in item && { input: "" }),
  };
}

function* summaryEvents(part: Members, place: Members, split: Split): Generator<Members, void, undefined> {
  const { text } = part;
  yield { type: "response.reasoning_summary_part.added", ...place, part: { ...part, text: "" } };
  for (const delta of split(text)) yield { type: "response.reasoning_summary_text.delta", ...place, delta };
  yield { type: "response.reasoning_summary_text.done", ...place, text };
  yield { type: "response.reasoning_summary_part.done", ...place, part };
}

function* contentEvents(part: Members, place: Members, split: Split): Generator<Members, void, undefined> {
  yield { type: "response.content_part.added", ...place, part: begunPart(part) };
  if (part.type === "output_text") yield* textEvents(part, place, split);
  if (part.type === "refusal") {
    for (const delta of split(part.refusal)) yield { type: "response.refusal.delta", ...place, delta };
    yield { type: "response.refusal.done", ...place, refusal: part.refusal };
  }
  if (part.type === "reasoning_text") {
    for (const delta of split(part.text)) yield { type: "response.reasoning_text.delta", ...place, delta };
    yield { type: "response.reasoning_text.done", ...place, text: part.text };
  }
  yield { type: "response.content_part.done", ...place, part };
}

function* textEvents(part: Members, place: Members, split: Split): Generator<Members, void, undefined> {
  const { text, annotations, logprobs = [] } = part;
  let probabilities = logprobs; // All of them come with the first piece.
  for (const delta of split(text)) {
    yield { type: "response.output_text.delta", ...place, delta, logprobs: probabilities };
    probabilities = [];
  }
  for (const [at, annotation] of membersOf(annotations).entries()) {
    yield { type: "response.output_text.annotation.added", ...place, annotation_index: at, annotation };
  }
  yield { type: "response.output_text.done", ...place, text, logprobs };
}

/** The part before its text. */
function begunPart(part: Members): Members {
  return {
    ...part,
    ...("text" in part && { text: "" }),
    ...("refusal" in part && { refusal: "" }),
    ...(Array.isArray(part.annotations) && { annotations: [] }),
    ...(Array.isArray(part.logprobs) && { logprobs: [] }),
  };
}

/** The events of a text that is a member of a call. */
function* callEvents(
  event: string,
  member: "arguments" | "input",
  item: Members,
  place: Members,
  split: Split,
): Generator<Members, void, undefined> {
  for (const delta of split(item[member])) yield { type: `response.${event}.delta`, ...place, delta };
  const { name } = item;
  yield { type: `response.${event}.done`, ...place, ...(member === "arguments" && { name }), [member]: item[member] };
}
