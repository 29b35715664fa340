// What the server sends to the page.
import type {
  CacheStats,
  CallSum,
  CallTally,
  Explanation,
  NearestEntry,
  Neighbours,
  UnreadableEntry,
} from "@remem/inspect";

/** The rights of the page, and its cache. */
export interface About {
  /** The place of the cache, in words. */
  readonly place: string;
  /** Whether entries may be deleted. */
  readonly mayDelete: boolean;
  /** Whether a pasted request can be explained. */
  readonly mayExplain: boolean;
  /** The file of the journal, if there is one. */
  readonly journal: string | undefined;
}

/** An entry of the table. Its texts are the first words. */
export interface Row {
  readonly kind: "entry" | UnreadableEntry["kind"];
  readonly key: string;
  readonly bytes: number;
  readonly problem?: string;
  readonly model?: string | undefined;
  readonly surface?: string | undefined;
  readonly scope?: string | undefined;
  readonly sample?: number;
  readonly createdAt?: number | undefined;
  readonly prompt?: string | undefined;
  readonly response?: string;
  readonly finishReason?: string | undefined;
  readonly tokens?: { readonly prompt: number; readonly completion: number } | undefined;
  readonly dollars?: number | undefined;
}

/** A line of the list of entries. */
export type RowsLine = readonly Row[] | { readonly error: string };

/** A text, or the beginning of a long one. */
export interface Clip {
  readonly text: string;
  /** The number of characters of the whole text, if this is its beginning. */
  readonly cutFrom?: number;
}

/** The name of the only member of an object that replaces a part that was cut out of JSON. */
export const CUT = "\u0000remem";

/** JSON in which `{ [CUT]: "…" }` replaces parts that are too long, too many, or nested too deeply. */
export interface BoundedJson {
  readonly value: unknown;
  readonly isCut: boolean;
}

/** A piece of a message. An image that is not in the entry itself is named and not loaded. */
export type Piece =
  | ({ readonly kind: "text" } & Clip)
  | { readonly kind: "image"; readonly data: string }
  | { readonly kind: "link"; readonly url: string }
  | { readonly kind: "json"; readonly json: BoundedJson };

/** A call of a tool. */
export interface CallView {
  readonly name: string;
  /** The arguments as JSON, or as text if they are not JSON. */
  readonly json?: BoundedJson;
  readonly text?: Clip;
}

/** One message. */
export interface MessageView {
  readonly role: string;
  readonly pieces: readonly Piece[];
  readonly reasoning?: Clip;
  readonly calls: readonly CallView[];
  readonly finishReason?: string;
}

/** How many messages come before those that are left out of a long conversation. */
export const FIRST_MESSAGES = 50;

/** One entry. */
export interface EntryView extends Omit<Row, "kind" | "prompt" | "problem"> {
  readonly kind: "entry";
  readonly writer: "remem" | "python";
  readonly expiresAt: number | undefined;
  readonly messages: readonly MessageView[] | undefined;
  /** How many messages are left out between the first and the last. */
  readonly leftOut: number;
  readonly choices: readonly MessageView[] | undefined;
  readonly parameters: BoundedJson;
  readonly requestIs: "kept" | "lost" | "left out";
  readonly request: BoundedJson | undefined;
  readonly facts: BoundedJson;
  readonly answer: BoundedJson;
  readonly raw: Clip;
}

/** One entry that cannot be read. */
export interface UnreadableView extends UnreadableEntry {
  readonly raw: Clip;
}

/** A field in which a pasted request differs. Its values are bounded. */
export interface DifferenceView extends Omit<NearestEntry["differences"][number], "stored" | "asked"> {
  readonly stored?: unknown;
  readonly asked?: unknown;
}

/** Why a pasted request misses. */
export interface WhyAnswer extends Omit<Explanation, "nearest"> {
  readonly nearest: ReadonlyArray<
    Omit<NearestEntry, "differences"> & { readonly differences: readonly DifferenceView[] }
  >;
  /** The index of the explained item of the request, from 0. */
  readonly item: number;
  readonly items: number;
}

/** The figures of a journal. */
export interface JournalView extends Pick<CallTally, "total" | "failures" | "notStored" | "from" | "to"> {
  /** Changes when calls have been recorded. */
  readonly version: string;
  readonly file: string;
  /** Lines that are torn, or come from another program. */
  readonly skipped: number;
  readonly byModel: ReadonlyArray<readonly [model: string, sum: CallSum]>;
  /** By quarter of an hour since 1970, the earliest first. */
  readonly byQuarter: ReadonlyArray<readonly [quarter: number, sum: CallSum]>;
}

export type { CacheStats, CallSum, Neighbours };
