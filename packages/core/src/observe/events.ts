import { messageOf } from "../errors/errors.ts";

/**
 * What happened in a client, as it happens. Besides `type` and `key` there are `error` and `durationMs` of a
 * `provider-error`; `error` and `operation` of a `store-error`; `finishReason` of a `not-admitted`,
 * and the `bytes` of an entry beyond `maxEntryBytes`.
 */
export type RememEvent = {
  readonly type:
    | "hit"
    | "joined"
    | "miss"
    | "stored"
    | "not-admitted"
    | "damaged-entry"
    | "store-error"
    | "store-recovered"
    | "provider-error";
  readonly key?: string;
  readonly [member: string]: unknown;
};

/** Where a client writes what a person should know; `console` and pino fit. Prompts and credentials never get here. */
export interface Logger {
  debug(message: string, details?: object): void;
  warn(message: string, details?: object): void;
  error(message: string, details?: object): void;
}

export type Report = (event: RememEvent) => void;

/** One way out for what happens: to `onEvent`, and in words to the logger. What either throws never reaches a call. */
export function createReport({ onEvent, logger }: { readonly onEvent?: Report; readonly logger?: Logger }): Report {
  if (onEvent === undefined && logger === undefined) return () => {};
  return (event) => {
    if (onEvent !== undefined) notify("onEvent", onEvent, event);
    if (logger !== undefined) notify("logger", (event: RememEvent) => write(logger, event), event);
  };
}

/** Calls a listener of the user's; what it throws becomes a process warning. */
export function notify<T>(name: string, listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    process.emitWarning(`\`${name}\` threw: ${messageOf(error)}`, { type: "RememWarning", code: "REMEM_LISTENER" });
  }
}

function write(logger: Logger, { type, error, ...details }: RememEvent): void {
  const failure = error === undefined ? details : { ...details, error: messageOf(error) };
  if (type === "provider-error") logger.error("remem: the provider failed", failure);
  else if (type === "store-error") logger.warn("remem: the store failed", failure);
  else if (type === "damaged-entry") logger.warn("remem: an entry is damaged and was not served", failure);
  else if (type === "not-admitted") logger.warn("remem: an answer was not stored", failure);
  else logger.debug(`remem: ${type}`, failure);
}
