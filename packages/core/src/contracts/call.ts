import type { JsonObject } from "../json/json-value.ts";
import type { Report } from "../observe/events.ts";
import type { Surface } from "./surface.ts";

/**
 * How a call uses the store, in the words of the Fetch API. `default`: reads, writes, joins an identical call that is running.
 * `reload`: asks the provider and replaces what is stored. `no-store`: neither reads nor writes. `only-if-cached`: never asks
 * the provider, and rejects with a `CacheMissError` if no answer is stored.
 */
export type CacheMode = "default" | "reload" | "no-store" | "only-if-cached";

/** The data in the key besides the request. */
export interface CacheKeyOptions {
  /** Separates models of the same name; see `LLMProvider.scope`. */
  readonly scope?: string | undefined;
  /** The n-th independent answer; 0 is the same as none. */
  readonly sample?: number | undefined;
  /**
   * Tells which integral numbers Python wrote as floats, by JSON Pointer. By default the surface decides: for chat,
   * `/temperature`.
   */
  readonly floats?: ((pointer: string) => boolean) | undefined;
}

/** One call, ready to be answered: its key, and the function that asks the provider. */
export interface Call<Request extends object = JsonObject, Answer extends object = JsonObject> {
  /** The kind of the request and of its answer. */
  readonly surface: Surface<Request, Answer>;
  /** SHA-256 of the keyed request, in hex. */
  readonly key: string;
  /** The request as it is sent. */
  readonly request: Request;
  /** The request as it is keyed, which an entry keeps together with `keyOptions`. */
  readonly keyed: Request;
  /** The other facts in the key. */
  readonly keyOptions: CacheKeyOptions;
  /** The use of the store. */
  readonly mode: CacheMode;
  /** The time to live of the answer in milliseconds. Forever if undefined. */
  readonly ttlMs: number | undefined;
  /** Whether the caller only reads the answer, and so may share it with other callers. */
  readonly isReadOnly: boolean;
  /** The name of the provider in errors and events. */
  readonly provider: string;
  /** Asks the provider. */
  ask(request: Request, context: AskContext): Promise<Answer>;
}

/** The options of `createCall`. */
export interface CallOptions<Request extends object, Answer extends object> extends CacheKeyOptions {
  /** How the call uses the store. `"default"` by default. */
  readonly mode?: CacheMode | undefined;
  /** How long the answer may be served, in milliseconds. Forever by default. */
  readonly ttlMs?: number | undefined;
  /** The largest request, in bytes of its canonical JSON. Unlimited by default. */
  readonly maxRequestBytes?: number | undefined;
  /** The request without members that are always sent. Used only for the key. */
  readonly canonical?: ((request: Request) => Request) | undefined;
  /**
   * Whether the caller only reads the answer. The cache then gives all read-only callers the same object, which none of them may change.
   * False by default.
   */
  readonly isReadOnly?: boolean | undefined;
  /** The name of the provider in errors and events. */
  readonly provider: string;
  /** Asks the provider. Called on a miss, with a copy of the request. */
  ask(request: Request, context: AskContext): Promise<Answer>;
}

/** The context of `ask`. */
export interface AskContext {
  /** Aborted when no caller waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Milliseconds until the last caller's `timeoutMs` is used up; `Infinity` if a caller has none. */
  readonly remainingMs: () => number;
  /**
   * Reports whether the request was sent, for statistics. An `ask` that waits for a turn calls it with false, and with true
   * when it sends. Otherwise a call counts as sent.
   */
  readonly sent: (isSent: boolean) => void;
  /** Reports an event of the client. */
  readonly report: Report;
  /** Announces data before the first chunk, such as headers, to the followers of the call. */
  readonly announce: (head: object) => void;
  /** Gives a chunk of the answer to the followers of the call. The sender must not change it afterwards. */
  readonly publish: (chunk: object) => void;
  /** Declares the answer as paid for. The call then continues even if no caller waits any more. */
  readonly commit: () => void;
}

/** Where an answer came from. `"flight"`: the caller joined an identical call that another caller pays for. */
export type AnswerSource = "store" | "flight" | "provider";

/** The outcome of a call. The caller owns the answer, unless its call is read-only: changing the answer affects nothing else. */
export interface Outcome<Answer> {
  /** The answer as the surface has it. */
  readonly answer: Answer;
  /** The origin of the answer. */
  readonly source: AnswerSource;
  /**
   * The data that `ask` has added to the answer as its reserved member `remem`, such as its time and headers. The cache stores
   * it with the answer. All callers share it.
   */
  readonly kept?: object | undefined;
  /** The answer as JSON, if the store had it. */
  readonly json?: string | undefined;
}

/** How long one caller waits. */
export interface CallLimits {
  /** Aborts the call for this caller alone. */
  readonly signal?: AbortSignal | undefined;
  /** The whole call's budget in milliseconds. None by default. */
  readonly timeoutMs?: number | undefined;
}

/** The data that is known when an answer begins. */
export interface Beginning<Answer> {
  /** The data that `ask` has announced before the first chunk, if any. All callers share it. */
  readonly head?: object | undefined;
  /** The outcome of a whole answer, such as one from the store. */
  readonly outcome?: Outcome<Answer>;
}

/** A call whose answer one caller reads as a stream. */
export interface Following<Answer> {
  /** Resolves when the answer begins. Rejects as `outcome` does, if no chunk has arrived. */
  begun(): Promise<Beginning<Answer>>;
  /**
   * The chunks of the answer from the first one, even if the caller joins late or reads slowly. The caller owns each chunk, unless its
   * call is read-only. The surface splits a whole answer, such as one from the store. Rejects as `outcome` does. The chunks can be read
   * once.
   */
  chunks(): AsyncGenerator<object, void, undefined>;
  /** Settles as `get` would. */
  readonly outcome: Promise<Outcome<Answer>>;
  /** Leaves the call unless it has ended; the last caller to leave aborts it. */
  leave(): void;
}

/** How a whole answer is split. */
export interface ReplayOptions {
  /** Milliseconds between two chunks, which are then words. By default all come at once. */
  readonly chunkMs?: number | undefined;
}
