import type { ChatCompletion, JsonObject } from "@remem/core";
import { reasoningOf, textOf } from "@remem/core/plugin";

/** One message of a conversation, as people read it. */
export interface MessageText {
  /** Who speaks: `user`, `assistant`, `tool`. */
  readonly role: string;
  /** Its text. What is no text is in it as JSON. */
  readonly text: string;
}

/** One choice of an answer. */
export interface ChoiceText extends MessageText {
  /** The reasoning before the answer, where the server told it. */
  readonly reasoning?: string;
  /** The reason why the model stopped. */
  readonly finishReason?: string;
}

export function messagesOf({ messages }: JsonObject): MessageText[] {
  return Array.isArray(messages) ? messages.map((message) => messageText(membersOf(message))) : [];
}

export function choicesOf({ choices }: ChatCompletion): ChoiceText[] {
  return choices.map(({ message, finish_reason }) => {
    const reasoning = reasoningOf(message);
    return {
      ...messageText(message),
      ...(reasoning !== undefined && { reasoning }),
      ...(finish_reason && { finishReason: finish_reason }),
    };
  });
}

/** What was asked: the last message of the user, or the last of any other. */
export function questionOf(messages: readonly MessageText[]): string | undefined {
  return (messages.findLast(({ role }) => role === "user") ?? messages.at(-1))?.text;
}

/** Members that say the text of a message, or are of no interest without one. */
const TEXTS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "reasoning_content",
  "reasoning",
  "thinking",
  "reasoning_details",
]);

function messageText(message: Members): MessageText {
  const { role, content } = message;
  const parts = [textOf(content), ...(Array.isArray(content) ? content.filter(isNoText).map(json) : [])];
  const others = Object.entries(message).filter(([name, value]) => !TEXTS.has(name) && !isEmpty(value));
  if (others.length > 0) parts.push(json(Object.fromEntries(others)));
  return { role: typeof role === "string" ? role : "", text: parts.filter((part) => part !== "").join("\n") };
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null ? (value as Members) : {};
}

/** A part with a picture, a file, a sound. */
const isNoText = (part: unknown): boolean => textOf([part]) === "" && reasoningOf({ content: [part] }) === undefined;

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

const json = (value: unknown): string => JSON.stringify(value);
