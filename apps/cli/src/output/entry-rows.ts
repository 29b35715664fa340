import type { ListedEntry } from "@remem/inspect";
import { age, bytes, isoTime } from "./amounts.ts";
import { type Column, type Layout, layout } from "./columns.ts";
import type { Printer } from "./printer.ts";

/** How many hex digits of a key a table shows. `remem show` takes them. */
export const KEY_DIGITS = 12;

const COLUMNS: readonly Column[] = [
  { title: "key", weight: 9, style: "cyan" },
  { title: "model", weight: 6, least: 10 },
  { title: "surface", weight: 2 },
  { title: "age", weight: 8, align: "right" },
  { title: "size", weight: 4, align: "right" },
  { title: "tokens", weight: 5, align: "right" },
  { title: "finish", weight: 1 },
  { title: "question", weight: 10, least: 20 },
  { title: "answer", weight: 3, least: 20 },
];

/** Lays out a list of entries by its first ones. */
export function entryLayout(sample: readonly ListedEntry[], printer: Printer): Layout {
  return layout(
    COLUMNS,
    sample.map((entry) => cellsOf(entry, printer)),
    printer,
  );
}

export function entryRow(entry: ListedEntry, rows: Layout, printer: Printer): string {
  return rows.row(cellsOf(entry, printer), entry.kind === "entry" ? undefined : "red");
}

function cellsOf(entry: ListedEntry, { line }: Printer): string[] {
  const key = line(entry.key).slice(0, KEY_DIGITS);
  if (entry.kind !== "entry")
    return [key, `(${entry.kind})`, "", "", bytes(entry.bytes), "", "", line(entry.problem), ""];
  const { writer, model, surface = "?", createdAt, tokens, finishReason = "", prompt, response } = entry;
  return [
    key,
    line(model ?? (writer === "python" ? "(Python)" : "?")),
    line(surface),
    age(createdAt),
    bytes(entry.bytes),
    tokens === undefined ? "?" : `${tokens.prompt}/${tokens.completion}`,
    line(finishReason),
    prompt === undefined ? "(not kept)" : firstWords(prompt, line),
    firstWords(response, line),
  ];
}

/** How many characters of a text a table has at most. JSON lines and CSV have all of them. */
const FIRST_WORDS = 200;

function firstWords(text: string, line: Printer["line"]): string {
  const start = line(text.slice(0, 2 * FIRST_WORDS));
  const isWhole = start.length <= FIRST_WORDS && text.length <= 2 * FIRST_WORDS;
  return isWhole ? start : `${start.slice(0, FIRST_WORDS).toWellFormed().trimEnd()}…`;
}

/** The members of an entry in JSON lines and CSV. */
export function entryRecord(entry: ListedEntry): Record<string, unknown> {
  const { key, bytes } = entry;
  if (entry.kind !== "entry") return { key, status: entry.kind, bytes, problem: entry.problem };
  return {
    key,
    status: "ok",
    writer: entry.writer,
    model: entry.model,
    surface: entry.surface,
    created_at: isoTime(entry.createdAt),
    expires_at: isoTime(entry.expiresAt),
    bytes,
    prompt_tokens: entry.tokens?.prompt,
    completion_tokens: entry.tokens?.completion,
    finish_reason: entry.finishReason,
    scope: entry.scope,
    sample: entry.sample,
    prompt: entry.prompt,
    response: entry.response,
  };
}

export const RECORD_COLUMNS: readonly string[] = [
  ...["key", "status", "writer", "model", "surface", "created_at", "expires_at", "bytes", "prompt_tokens"],
  ...["completion_tokens", "finish_reason", "scope", "sample", "prompt", "response", "problem"],
];
