import {
  type Aggregate,
  type ChunksOptions,
  isMembers,
  type JsonObject,
  type Members,
  membersOf,
} from "@remem/core/plugin";
import { isGiven, isPresent } from "../../json/members.ts";
import type { Message } from "../messages.ts";
import { addDelta, blockEvents, finishBlock } from "./blocks.ts";

/** Assembles a message from its events. Events of unknown types are ignored, as Anthropic asks of its clients. */
export function createMessageAggregate(): Aggregate<Message> {
  let message: Members = { type: "message", content: [] };
  let isStarted = false;
  let isStopped = false;
  let hasFailed = false;
  const blocks = new Map<unknown, Members>();
  const inputs = new Map<unknown, string>();

  function addEnd({ type: _, delta, usage, ...rest }: Members): void {
    message = { ...message, ...rest, ...(isMembers(delta) && delta) };
    // The counts are for the whole message. Null ones do not count.
    const counts = Object.entries(isMembers(usage) ? usage : {}).filter(([, count]) => isPresent(count));
    if (counts.length > 0) {
      message.usage = { ...(isMembers(message.usage) && message.usage), ...Object.fromEntries(counts) };
    }
  }

  return {
    add(chunk) {
      const event = chunk as Members;
      const { type, index, error, message: start, content_block: block, delta } = event;
      if (type === "error" || isGiven(error)) hasFailed = true;
      else if (type === "message_start" && isMembers(start)) {
        isStarted = true;
        message = start;
      } else if (type === "content_block_start" && isMembers(block)) blocks.set(index, { ...block });
      else if (type === "content_block_delta" && isMembers(delta)) {
        const known = blocks.get(index);
        if (delta.type === "input_json_delta") inputs.set(index, (inputs.get(index) ?? "") + delta.partial_json);
        else if (known !== undefined) addDelta(known, delta);
      } else if (type === "message_delta") addEnd(event);
      else if (type === "message_stop") isStopped = true;
    },
    isComplete: () => isStarted && isStopped && !hasFailed,
    answer() {
      const content = Array.from(blocks, ([index, block]) => finishBlock(block, inputs.get(index)));
      return structuredClone({ ...message, content: [...membersOf(message.content), ...content] }) as Message;
    },
  };
}

/** The events of a message, as Anthropic streams them. */
export function* messageEvents(
  answer: Message,
  { byWord = false }: ChunksOptions = {},
): Generator<JsonObject, void, undefined> {
  const { content, usage } = answer;
  yield { type: "message_start", message: begun(answer) };
  for (const [index, block] of content.entries()) yield* blockEvents(block, index, byWord);
  const delta: { [name: string]: JsonObject[string] } = {};
  for (const name of ENDS) if (answer[name] !== undefined) delta[name] = answer[name];
  const count = usage?.output_tokens;
  yield { type: "message_delta", delta, usage: count === undefined ? {} : { output_tokens: count } };
  yield { type: "message_stop" };
}

/** Members that are known only at the end of a message. */
const ENDS = ["stop_reason", "stop_sequence", "stop_details"];

/** The message before its first block. */
function begun({ usage, ...answer }: Message): JsonObject {
  const message: { [name: string]: JsonObject[string] } = { ...answer, content: [] };
  for (const name of ENDS) if (message[name] !== undefined) message[name] = null;
  return usage === undefined ? message : { ...message, usage: withoutOutput(usage) };
}

/**
 * Sets the output tokens at the start of a message to 0. LangChain adds the count of the start to that of the end. A whole
 * answer lacks the former, so a replay could not repeat it.
 */
export function withoutEarlyCount(event: object): object {
  const { type, message } = event as Members;
  if (type !== "message_start" || !isMembers(message)) return event;
  return { ...event, message: { ...message, usage: withoutOutput(message.usage) } };
}

function withoutOutput<Usage>(usage: Usage): Usage {
  return isMembers(usage) && isPresent(usage.output_tokens) ? { ...usage, output_tokens: 0 } : usage;
}
