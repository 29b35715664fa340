import { checkOptions, decodeHead, type EntryHead, RememError } from "@remem/core/plugin";
import type { Scanned } from "./scan.ts";
import type { ListedEntry } from "./summary.ts";

/** Selects the entries that match all given members. */
export interface EntryFilter {
  /** The key, or its beginning. */
  readonly key?: string | undefined;
  /** The model's name. */
  readonly model?: string | undefined;
  /** The surface's name. */
  readonly surface?: string | undefined;
  /** Written at this time or later, in Unix milliseconds. Leaves out entries whose age is unknown. */
  readonly since?: number | undefined;
  /** Written before this time, in Unix milliseconds. Leaves out entries whose age is unknown. */
  readonly until?: number | undefined;
  /** The reason why the answer ended. */
  readonly finishReason?: string | undefined;
  /** A text in the question or in the answer, in upper or lower case. */
  readonly grep?: string | undefined;
}

const KNOWN = {
  key: true,
  model: true,
  surface: true,
  since: true,
  until: true,
  finishReason: true,
  grep: true,
} as const satisfies Record<keyof EntryFilter, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkFilter(where: string, filter: EntryFilter): void {
  checkOptions(where, filter, KNOWN);
  for (const name of Object.keys(KNOWN) as Array<keyof EntryFilter>) {
    const value: unknown = filter[name];
    const type = name === "since" || name === "until" ? "number" : "string";
    if (value === undefined || (typeof value === type && !Number.isNaN(value))) continue;
    const what = type === "number" ? "a time in Unix milliseconds" : "a text";
    throw new RememError("INVALID_OPTION", `${where}: \`${name}\` must be ${what}.`);
  }
}

/** Whether the filter leaves out nothing. */
export function isEmptyFilter(filter: EntryFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/** Whether a head alone shows that the entry does not fit: then its value need not be read. */
export function isRuledOut({ model, surface, since, until }: EntryFilter, { head, sidecar }: Scanned): boolean {
  if (model === undefined && surface === undefined && since === undefined && until === undefined) return false;
  const decoded = headWithRequest(head, sidecar);
  if (decoded === undefined) return true;
  const { createdAt, request, facts } = decoded;
  if (!isWithin(createdAt === 0 ? undefined : createdAt, since, until)) return true;
  if (request === undefined) return false;
  const isOther = model !== undefined && typeof request.model === "string" && request.model !== model;
  return isOther || (surface !== undefined && facts?.surface !== undefined && facts.surface !== surface);
}

/** Reads the head without the request, if that is nested more deeply than the stack allows. */
function headWithRequest(head: string, sidecar: string | undefined): EntryHead | undefined {
  try {
    return decodeHead(head, sidecar);
  } catch {
    return decodeHead(head);
  }
}

/** Whether the entry fits. An entry that cannot be read fits by its key alone. */
export function fits(filter: EntryFilter, entry: ListedEntry): boolean {
  const { key = "", model, surface, since, until, finishReason, grep } = filter;
  if (!entry.key.startsWith(key)) return false;
  if (entry.kind !== "entry") return isEmptyFilter({ ...filter, key: undefined });
  return (
    isWithin(entry.createdAt, since, until) &&
    (model === undefined || entry.model === model) &&
    (surface === undefined || entry.surface === surface) &&
    (finishReason === undefined || entry.finishReason === finishReason) &&
    (grep === undefined || [entry.prompt, entry.response].some((text) => includes(text, grep)))
  );
}

function isWithin(createdAt: number | undefined, since: number | undefined, until: number | undefined): boolean {
  if (since === undefined && until === undefined) return true;
  return createdAt !== undefined && createdAt >= (since ?? 0) && createdAt < (until ?? Number.POSITIVE_INFINITY);
}

function includes(text: string | undefined, part: string): boolean {
  return text?.toLowerCase().includes(part.toLowerCase()) ?? false;
}
