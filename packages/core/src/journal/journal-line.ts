import type { AnswerSource, CacheMode } from "../contracts/call.ts";
import type { RememErrorCode } from "../errors/error-code.ts";
import { withoutCredentials } from "../errors/redact.ts";
import type { JournalCall } from "../observe/journal.ts";

/**
 * A call as one line of JSON in ASCII, with the line end. Members without a value are left out, and so is the mode `default`.
 * The parts that repeat from call to call are made once: all but key, tokens and time.
 */
export function lineOf(call: JournalCall): string {
  const { tokens, deferred, notStored, error } = call;
  let line = beginOf(call.at) + quotedKey(call.key) + middleOf(call);
  if (tokens !== undefined) {
    line += `,"prompt_tokens":${count(tokens.prompt)},"completion_tokens":${count(tokens.completion)}`;
  }
  if (deferred) line += ',"deferred":true';
  if (notStored !== undefined) line += `,"not_stored":${quoted(notStored)}`;
  if (error !== undefined) line += `,"error":${quoted(error)}`;
  return `${line},"ms":${twoDecimals(call.durationMs)}}\n`;
}

let lastTime = Number.NaN;
let lastBegin = "";

/** Many hits end in one millisecond. */
export function beginOf(at: number): string {
  if (at !== lastTime) {
    lastTime = at;
    lastBegin = `{"v":1,"at":${at},"key":`;
  }
  return lastBegin;
}

interface Middle extends Pick<JournalCall, "surface" | "model" | "mode"> {
  readonly text: string;
}
const middles: { [source in AnswerSource]?: Middle } = {};

export function middleOf({ surface, model, mode, source }: JournalCall): string {
  const last = middles[source];
  if (last !== undefined && last.model === model && last.surface === surface && last.mode === mode) return last.text;
  let text = `,"surface":${quoted(surface)}`;
  if (model !== undefined) text += `,"model":${quoted(model)}`;
  if (mode !== "default") text += `,"mode":${quoted(mode)}`;
  text += `,"source":"${source}"`;
  middles[source] = { surface, model, mode, text };
  return text;
}

export const DIGEST_LENGTH = 64;

/** A digest needs no escaping, and a search for characters to escape would take as long as the rest of the line. */
function quotedKey(key: string): string {
  return key.length === DIGEST_LENGTH ? `"${key}"` : quoted(key);
}

const MAX_NAME = 200;
const MAX_REMEMBERED = 1_000;
const remembered = new Map<string, string>();

/** A name that a caller chose as JSON, with at most 200 characters and without credentials. */
function quoted(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const text = JSON.stringify(withoutCredentials(String(name)).slice(0, MAX_NAME)).replace(/[^ -~]/g, escaped);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(name, text);
  return text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A user's surface may return any value for its tokens. */
function count(tokens: number): number {
  return tokens >= 0 && tokens < 1e15 ? Number(tokens) : 0;
}

/** The same as `toFixed(2)`, but for whole numbers, in less time. */
function twoDecimals(number: number): string {
  const hundredths = Math.round(number * 100);
  const whole = Math.floor(hundredths / 100);
  const rest = hundredths % 100;
  if (rest === 0) return `${whole}`;
  return rest < 10 ? `${whole}.0${rest}` : `${whole}.${rest}`;
}

const SOURCES: ReadonlySet<unknown> = new Set<AnswerSource>(["store", "flight", "provider"]);
/** The range of a `Date`. */
const MAX_TIME = 8.64e15;

/** The call in a line; undefined for a line that is torn, of another program, or of a later version. */
export function callIn(line: string): JournalCall | undefined {
  let read: Readonly<Record<string, unknown>> | null;
  try {
    read = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (read?.v !== 1 || !isTime(read.at) || typeof read.key !== "string" || !SOURCES.has(read.source)) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion } = read;
  return {
    at: read.at,
    key: read.key,
    surface: text(read.surface) ?? "",
    model: text(read.model),
    mode: (text(read.mode) ?? "default") as CacheMode,
    source: read.source as AnswerSource,
    tokens: isAmount(prompt) && isAmount(completion) ? { prompt, completion } : undefined,
    ...(read.deferred === true && { deferred: true }),
    durationMs: isAmount(read.ms) ? read.ms : 0,
    notStored: text(read.not_stored),
    error: text(read.error) as RememErrorCode | undefined,
  };
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const isAmount = (value: unknown): value is number => typeof value === "number" && value >= 0;
const isTime = (value: unknown): value is number => isAmount(value) && value <= MAX_TIME;
