import type { CacheStore, ChoiceText, JsonObject, KeyFacts, MessageText } from "@remem/core";
import { joinEntry } from "@remem/core/plugin";
import { readingOf, type UnreadableEntry } from "./reading.ts";
import { type EntrySummary, figuresOf, firstTexts } from "./summary.ts";
import { checkInspectOptions, type InspectOptions, surfacesOf } from "./surfaces.ts";
import { textsIn } from "./texts.ts";

/** All data of an entry. */
export interface EntryDetails extends EntrySummary {
  /** The conversation of the request; undefined if its surface has no `texts`, or the request is not stored. */
  readonly messages: readonly MessageText[] | undefined;
  /** The choices of the answer; undefined if its surface does not tell them. */
  readonly choices: readonly ChoiceText[] | undefined;
  /** The members of the request, except for the model and the conversation. */
  readonly parameters: JsonObject;
  /** Whether the entry has its request. `"lost"`: its store has lost it. `"left out"`: its client did not keep it. */
  readonly requestIs: "kept" | "lost" | "left out";
  /** The request as it was keyed. */
  readonly request: JsonObject | undefined;
  /** The other facts in the key. */
  readonly facts: KeyFacts;
  /** The answer as the server gave it. */
  readonly answer: object;
  /** The entry as it is stored, as one text. */
  readonly raw: string;
}

/** An entry that cannot be used, with its text. */
export interface UnreadableDetails extends UnreadableEntry {
  /** The stored data, as one text. */
  readonly raw: string;
}

/** Reads one entry by its whole key. Undefined if the store has none. */
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
  const reading = readingOf({ key, bytes, value, sidecar });
  const raw = joinEntry(sidecar === undefined ? { value } : { value, sidecar });
  if (reading.kind !== "entry") return { ...reading, raw };
  const { request, facts = {}, answer } = reading.entry;
  const { texts, ...figures } = figuresOf(reading, surfacesOf(options));
  const said = textsIn(texts, request, answer);
  const { model: _, ...members } = request ?? {};
  const isSaid = (name: string): boolean => !!said?.messages?.length && texts!.said.includes(name);
  return {
    ...figures,
    ...firstTexts(said, request, answer),
    messages: said?.messages,
    choices: said?.choices,
    parameters: Object.fromEntries(Object.entries(members).filter(([name]) => !isSaid(name))) as JsonObject,
    requestIs: reading.requestIs,
    request,
    facts,
    answer,
    raw,
  };
}
