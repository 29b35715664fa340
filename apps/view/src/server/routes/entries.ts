import { type EntryFilter, type ListedEntry, listEntries } from "@remem/inspect";
import type { Row } from "../../wire.ts";
import type { ShownCache } from "../options.ts";
import { dollarsOf } from "../shape/dollars.ts";

/** The first lines come at once, and later ones in larger parcels. */
const FIRST = 32;
const PARCEL = 512;
/** The maximum number of characters of a text in the table. */
const WORDS = 240;

/** Lists the entries that fit, the newest first, in parcels. */
export async function* rowLines(options: ShownCache, filter: EntryFilter): AsyncGenerator<Row[], void, undefined> {
  const { store, surfaces } = options;
  let parcel: Row[] = [];
  let most = FIRST;
  for await (const entry of listEntries(store, filter, { surfaces })) {
    parcel.push(rowOf(entry, options));
    if (parcel.length < most) continue;
    yield parcel;
    parcel = [];
    most = PARCEL;
  }
  yield parcel;
}

function rowOf(entry: ListedEntry, options: ShownCache): Row {
  if (entry.kind !== "entry") return entry;
  const { kind, key, bytes, model, surface, scope, sample, createdAt, finishReason, tokens } = entry;
  return {
    kind,
    key,
    bytes,
    model,
    surface,
    scope,
    sample,
    createdAt,
    finishReason,
    tokens,
    prompt: entry.prompt?.slice(0, WORDS),
    response: entry.response.slice(0, WORDS),
    dollars: dollarsOf(entry, options),
  };
}

/** The filter that a query names. Invalid values are left out. */
export function filterIn(query: Readonly<Record<string, string>>): EntryFilter {
  const text = (name: string): string | undefined => query[name]?.trim() || undefined;
  const time = (name: string): number | undefined => {
    const value = Number(text(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  return {
    key: text("key"),
    model: text("model"),
    surface: text("surface"),
    since: time("since"),
    until: time("until"),
    finishReason: text("finish"),
    grep: text("q"),
  };
}
