import { type CacheStore, type ChatCompletion, chatSurface, type JsonObject, type KeyFacts } from "@remem/core";
import { headOf, joinEntry } from "@remem/core/plugin";
import { type ChoiceText, choicesOf, type MessageText, messagesOf } from "./chat-texts.ts";
import { readingOf, type UnreadableEntry } from "./reading.ts";
import { type EntrySummary, summaryOf } from "./summary.ts";
import { checkInspectOptions, type InspectOptions, surfacesOf } from "./surfaces.ts";

/** Everything that an entry tells. */
export interface EntryDetails extends EntrySummary {
  /** The conversation that was answered; undefined where it is none, or was not kept. */
  readonly messages: readonly MessageText[] | undefined;
  /** The choices of an answer to a conversation. */
  readonly choices: readonly ChoiceText[] | undefined;
  /** The members of the request besides model and messages. */
  readonly parameters: JsonObject;
  /** Whether the entry has its request. `"lost"`: its store has lost it. `"left out"`: its client did not keep it. */
  readonly requestIs: "kept" | "lost" | "left out";
  /** The request as it was keyed. */
  readonly request: JsonObject | undefined;
  /** What was keyed besides the request. */
  readonly facts: KeyFacts;
  /** The answer as the server gave it. */
  readonly answer: object;
  /** The entry as it is stored, as one text. */
  readonly raw: string;
}

/** An entry that cannot be used, with its text. */
export interface UnreadableDetails extends UnreadableEntry {
  /** What is stored, as one text. */
  readonly raw: string;
}

/** Reads one entry by its whole key. Undefined where the store has none. */
export async function showEntry(
  store: CacheStore,
  key: string,
  options: InspectOptions = {},
): Promise<EntryDetails | UnreadableDetails | undefined> {
  checkInspectOptions("showEntry", options, { surfaces: true });
  const value = await store.get(key);
  if (value === undefined) return undefined;
  const sidecar = await store.getSidecar?.(key);
  const bytes = Buffer.byteLength(key) + Buffer.byteLength(value) + Buffer.byteLength(sidecar ?? "");
  const reading = readingOf({ key, bytes, head: headOf(value), value, sidecar });
  const raw = joinEntry(sidecar === undefined ? { value } : { value, sidecar });
  if (reading.kind !== "entry") return { ...reading, raw };
  const { request, facts = {}, answer } = reading.entry;
  const summary = summaryOf(reading, surfacesOf(options));
  const isChat = summary.surface === chatSurface.name && chatSurface.isAnswer(answer);
  const { model: _, messages, ...parameters } = request ?? {};
  return {
    ...summary,
    messages: isChat && request !== undefined ? messagesOf({ messages }) : undefined,
    choices: isChat ? choicesOf(answer as ChatCompletion) : undefined,
    parameters,
    requestIs: reading.requestIs,
    request,
    facts,
    answer,
    raw,
  };
}
