import { messageOf, type RememError, type StoreError } from "../errors/errors.ts";

/** An event in a client, as it happens. `key` is left out if an operation of the store concerned several keys. */
export type RememEvent =
  | { readonly type: "hit"; readonly key: string }
  | { readonly type: "joined"; readonly key: string }
  | { readonly type: "miss"; readonly key: string }
  | { readonly type: "stored"; readonly key: string }
  | NotAdmitted
  | {
      /** The server limits the rate. All calls of the provider pause. The refused calls are sent again after the pause. */
      readonly type: "rate-limited";
      readonly provider: string;
      /** How long the pause is, in milliseconds. */
      readonly waitMs: number;
    }
  | {
      /** A request is larger than `limits.tpm`. It is sent when nothing else counts towards the limit. */
      readonly type: "larger-than-limit";
      readonly provider: string;
      /** The estimate of its tokens. */
      readonly tokens: number;
      readonly tpm: number;
    }
  | { readonly type: "damaged-entry"; readonly key: string }
  | {
      readonly type: "store-error";
      readonly key?: string;
      readonly store: string;
      readonly operation: string;
      readonly error: StoreError;
    }
  | { readonly type: "store-recovered"; readonly store: string; readonly operation: string }
  | {
      readonly type: "provider-error";
      readonly key: string;
      readonly provider: string;
      readonly error: RememError;
      readonly durationMs: number;
    };

/** An answer was returned to its caller, but not stored. The next identical request costs again. */
export interface NotAdmitted {
  /** The kind of the event. */
  readonly type: "not-admitted";
  /** The request's key. */
  readonly key: string;
  /**
   * `"finish-reason"`, `"no-content"`, `"invalid-tool-call"`, `"invalid-json"`, `"schema"`, `"server-tool"` (the server has
   * used a tool of its own), `"admit"` (the option), or `"too-large"`.
   */
  readonly reason: string;
  /** The reason why the model stopped, if the server gives one. */
  readonly finishReason?: string | undefined;
  /** The error that `admit` threw, if it threw. */
  readonly error?: unknown;
  /** The size of the entry without its request, if it was larger than `maxEntryBytes`. */
  readonly bytes?: number;
  /** The limit, if the entry was larger. */
  readonly maxEntryBytes?: number;
}

/** Receives messages for a person, such as `console` or pino. They never contain prompts or credentials. */
export interface Logger {
  /** Details for debugging. */
  debug(message: string, details?: object): void;
  /** Events that cost money or time, such as an answer that is not stored. */
  warn(message: string, details?: object): void;
  /** Failures. */
  error(message: string, details?: object): void;
}

export type Report = (event: RememEvent) => void;

/** Reports events to `onEvent`, and in words to the logger. No error of either reaches a call. */
export function createReport({
  onEvent,
  logger,
}: {
  readonly onEvent?: Report | undefined;
  readonly logger?: Logger | undefined;
}): Report {
  if (onEvent === undefined && logger === undefined) return () => {};
  return (event) => {
    if (onEvent !== undefined) notify("onEvent", onEvent, event);
    if (logger !== undefined) notify("logger", (event: RememEvent) => write(logger, event), event);
  };
}

/** Calls a listener of the user's. Its errors become process warnings. */
export function notify<T>(name: string, listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    process.emitWarning(`\`${name}\` threw: ${messageOf(error)}`, { type: "RememWarning", code: "REMEM_LISTENER" });
  }
}

function write(logger: Logger, event: RememEvent): void {
  const { type, ...details } = event;
  const shown = "error" in event && event.error !== undefined ? { ...details, error: messageOf(event.error) } : details;
  if (type === "provider-error") logger.error("remem: the provider failed", shown);
  else if (type === "store-error") logger.warn("remem: the store failed", shown);
  else if (type === "rate-limited") logger.warn("remem: the provider limits the rate, so its calls pause", shown);
  else if (type === "larger-than-limit")
    logger.warn("remem: a request is larger than the limit of tokens, so it is sent alone", shown);
  else if (type === "damaged-entry") logger.warn("remem: a damaged entry was not served", shown);
  else if (type === "not-admitted")
    logger.warn("remem: an answer was not stored, so the same request will be paid for again", shown);
  else logger.debug(`remem: ${type}`, shown);
}
