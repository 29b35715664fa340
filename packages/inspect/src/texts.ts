import type { ChatCompletion, ChatRequest, ChoiceText, MessageText, SurfaceTexts } from "@remem/core";
import { isMembers, type Members, membersOf, reasoningOf, textOf } from "@remem/core/plugin";

/** How Chat Completions read as a conversation. */
export const chatTexts: SurfaceTexts<ChatRequest, ChatCompletion> = {
  said: ["messages"],
  messages: ({ messages }) => membersOf(messages).map(messageText),
  choices: ({ choices }) =>
    choices.map(({ message, finish_reason }) => ({
      ...messageText(message),
      ...(finish_reason && { finishReason: finish_reason }),
    })),
};

/** The texts of an entry, as its surface reads them. */
export interface EntryTexts {
  readonly messages: readonly MessageText[] | undefined;
  readonly choices: readonly ChoiceText[];
}

/** Undefined if the surface has no texts, or cannot read the entry. */
export function textsIn(
  texts: SurfaceTexts<object, object> | undefined,
  request: object | undefined,
  answer: object,
): EntryTexts | undefined {
  try {
    return texts && { messages: request && texts.messages(request), choices: texts.choices(answer) };
  } catch {
    return undefined;
  }
}

/** The question: the last message of the user, or the last of any other role. */
export function questionOf(messages: readonly MessageText[]): string | undefined {
  const question = messages.findLast(({ role }) => role === "user") ?? messages.at(-1);
  return question && wholeText(question);
}

/** The text of a message, and the calls in it as `name(arguments)`. */
export function wholeText({ text, toolCalls = [] }: MessageText): string {
  const calls = toolCalls.map(({ name, arguments: given }) => `${name}(${given})`);
  return [text, ...calls].filter((part) => part !== "").join("\n");
}

/** Members that contain the text of a message, or have no meaning without one. */
const TEXTS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "reasoning_content",
  "reasoning",
  "thinking",
  "reasoning_details",
  "tool_calls",
]);

function messageText(message: Members): MessageText {
  const { role, content } = message;
  const parts = [textOf(content), ...(Array.isArray(content) ? content.filter(isNoText).map(json) : [])];
  const others = Object.entries(message).filter(([name, value]) => !TEXTS.has(name) && !isEmpty(value));
  if (others.length > 0) parts.push(json(Object.fromEntries(others)));
  const reasoning = reasoningOf(message);
  const toolCalls = membersOf(message.tool_calls).map(toolCallText);
  return {
    role: typeof role === "string" ? role : "",
    text: parts.filter((part) => part !== "").join("\n"),
    ...(reasoning !== undefined && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

/** A call of a tool; a custom one has an input instead of arguments. */
function toolCallText(call: Members): { readonly name: string; readonly arguments: string } {
  const called = [call.function, call.custom].find(isMembers) ?? {};
  const { name, arguments: given = called.input } = called;
  return typeof name === "string"
    ? { name, arguments: typeof given === "string" ? given : (json(given) ?? "") }
    : { name: "", arguments: json(call) };
}

/** A part with a picture, a file, a sound. */
const isNoText = (part: unknown): boolean => textOf([part]) === "" && reasoningOf({ content: [part] }) === undefined;

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

const json = (value: unknown): string => JSON.stringify(value);
