import type { TokenCount } from "@remem/core";
import type { SoundReading, UnreadableEntry } from "./reading.ts";
import { type AnySurface, surfaceFactsOf } from "./surfaces.ts";
import { type EntryTexts, questionOf, textsIn, wholeText } from "./texts.ts";

/** An entry as a list shows it. */
export interface EntrySummary {
  /** Tells an entry from one that cannot be read. */
  readonly kind: "entry";
  /** The request's key. */
  readonly key: string;
  /** The size of key, answer and request in the store, in bytes. */
  readonly bytes: number;
  /** The writer: `"python"` is a row of REMem's Python class, which records no model and no time. */
  readonly writer: "remem" | "python";
  /** Unix milliseconds. Undefined for a row of the Python class. */
  readonly createdAt: number | undefined;
  /** Unix milliseconds. Undefined for an entry that does not expire. */
  readonly expiresAt: number | undefined;
  /** Undefined if the entry was stored without its request and no surface knows its answer. */
  readonly surface: string | undefined;
  /** The model that was asked, or else the one that answered. */
  readonly model: string | undefined;
  /** The scope, if the key has one. */
  readonly scope: string | undefined;
  /** The n-th independent answer. */
  readonly sample: number;
  /** The question: the last message of the user, or the request as JSON. Undefined for an entry without its request. */
  readonly prompt: string | undefined;
  /** The answer: the text of the first choice, or the answer as JSON. */
  readonly response: string;
  /** The reason why the answer ended. */
  readonly finishReason: string | undefined;
  /** The tokens that the answer cost. Undefined if the answer reports no usage. */
  readonly tokens: TokenCount | undefined;
}

/** An entry of a list, sound or not. */
export type ListedEntry = EntrySummary | UnreadableEntry;

export function summaryOf(reading: SoundReading, surfaces: ReadonlyMap<string, AnySurface>): EntrySummary {
  const { request, answer } = reading.entry;
  const { texts, ...figures } = figuresOf(reading, surfaces);
  return { ...figures, ...firstTexts(textsIn(texts, request, answer), request, answer) };
}

/** The question and the first choice, or JSON if the surface cannot tell them. */
export function firstTexts(
  texts: EntryTexts | undefined,
  request: object | undefined,
  answer: object,
): Pick<EntrySummary, "prompt" | "response"> {
  const [choice] = texts?.choices ?? [];
  return {
    prompt: request && (questionOf(texts?.messages ?? []) ?? jsonText(request)),
    response: choice === undefined ? jsonOf(answer) : wholeText(choice),
  };
}

/** A summary without texts. */
export function figuresOf(
  { key, bytes, entry }: SoundReading,
  surfaces: ReadonlyMap<string, AnySurface>,
): Omit<EntrySummary, "prompt" | "response"> & { readonly texts: AnySurface["texts"] } {
  const { createdAt, expiresAt, request, facts, answer } = entry;
  const { name, surface, tokens, finishReason } = surfaceFactsOf(entry, surfaces);
  return {
    kind: "entry",
    key,
    bytes,
    writer: isOfPython(entry) ? "python" : "remem",
    createdAt: createdAt === 0 ? undefined : createdAt,
    expiresAt,
    surface: name,
    model: nameIn(request) ?? nameIn(answer),
    scope: facts?.scope,
    sample: facts?.sample ?? 0,
    finishReason,
    tokens,
    texts: surface?.texts,
  };
}

/** Whether this is a row of the Python class, which records neither the time nor the model. */
export function isOfPython({ createdAt, request }: SoundReading["entry"]): boolean {
  return createdAt === 0 && request?.model === "";
}

/** The answer without the data that the cache keeps beside it. */
function jsonOf({ remem: _, ...answer }: { readonly remem?: unknown }): string {
  return jsonText(answer);
}

/** Damage, or another program, may have nested a value more deeply than the stack allows. */
function jsonText(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "(nested too deeply)";
  }
}

function nameIn(value: object | undefined): string | undefined {
  const { model } = (value ?? {}) as { model?: unknown };
  return typeof model === "string" && model !== "" ? model : undefined;
}
