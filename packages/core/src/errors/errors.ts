import type { RememErrorCode } from "./error-code.ts";
import { redactedError, withoutCredentials } from "./redact.ts";

/** Marks the errors of all copies of this package. Two installed copies are normal, and `instanceof` fails between them. */
const MARK: unique symbol = Symbol.for("remem.error");

/**
 * The base of all errors of remem. Foreign errors become ours here: the constructor removes everything that looks like a
 * credential from the message and from the causes. A cause without secrets is kept as the same object.
 */
export class RememError extends Error {
  /** A stable code for programs. */
  readonly code: RememErrorCode;

  constructor(code: RememErrorCode, message: string, options?: ErrorOptions) {
    super(withoutCredentials(message), because(redactedError(options?.cause)));
    this.code = code;
  }

  static {
    RememError.prototype.name = "RememError";
    Object.defineProperty(RememError.prototype, MARK, { value: true });
  }

  /** True for an error of any copy of remem. On a subclass: for an error of that kind. */
  static is(error: unknown): error is RememError {
    return error instanceof Error && MARK in error;
  }
}

/** The provider refused, failed, timed out, or returned a malformed answer. */
export class ProviderError extends RememError {
  /** The provider's `id`. */
  readonly provider: string;
  /** The HTTP status, if there was one. */
  readonly status?: number;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Whether the server refused the call because of its rate, and the provider leaves the wait to the client. */
  readonly rateLimited: boolean;
  /** The wait that the server asks for in milliseconds, if it asks for one. */
  readonly retryAfterMs?: number;

  constructor(
    message: string,
    options: {
      readonly provider: string;
      readonly code?: "PROVIDER_ERROR" | "PROVIDER_TIMEOUT" | "MALFORMED_ANSWER" | "RATE_LIMITED";
      readonly status?: number | undefined;
      readonly retryable?: boolean;
      readonly rateLimited?: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(options.code ?? "PROVIDER_ERROR", message, options);
    this.provider = options.provider;
    if (options.status !== undefined) this.status = options.status;
    this.retryable = options.retryable ?? false;
    this.rateLimited = options.rateLimited ?? false;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }

  static {
    ProviderError.prototype.name = "ProviderError";
  }

  static override is(error: unknown): error is ProviderError {
    return RememError.is(error) && error.name === "ProviderError";
  }
}

/**
 * The store's backend failed, is locked by another program (`STORE_BUSY`) or can only be read (`STORE_READ_ONLY`), or the store was
 * closed (`STORE_CLOSED`).
 */
export class StoreError extends RememError {
  /** The store's `name`. */
  readonly store: string;

  constructor(
    message: string,
    options: {
      readonly store: string;
      readonly code?: "STORE_ERROR" | "STORE_CLOSED" | "STORE_BUSY" | "STORE_READ_ONLY";
      readonly cause?: unknown;
    },
  ) {
    super(options.code ?? "STORE_ERROR", message, options);
    this.store = options.store;
  }

  static {
    StoreError.prototype.name = "StoreError";
  }

  static override is(error: unknown): error is StoreError {
    return RememError.is(error) && error.name === "StoreError";
  }
}

/** Thrown by a call with `only-if-cached` if the store has no answer. */
export class CacheMissError extends RememError {
  /** The key of the request. */
  readonly key: string;

  constructor(key: string) {
    super(
      "CACHE_MISS",
      `No answer is stored for this request (key ${key}), and "only-if-cached" never asks the provider. \`remem explain\` shows how it differs from the stored requests.`,
    );
    this.key = key;
  }

  static {
    CacheMissError.prototype.name = "CacheMissError";
  }

  static override is(error: unknown): error is CacheMissError {
    return RememError.is(error) && error.name === "CacheMissError";
  }
}

/** The request cannot be sent or keyed as it is. `path` is a JSON Pointer (RFC 6901) to the invalid member. */
export class InvalidRequestError extends RememError {
  /** A JSON Pointer (RFC 6901) to the invalid member; "" for the whole request. */
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super("INVALID_REQUEST", `${path === "" ? "The request" : `The request's ${brief(path)}`} ${problem}`, { cause });
    this.path = path;
  }

  static {
    InvalidRequestError.prototype.name = "InvalidRequestError";
  }

  static override is(error: unknown): error is InvalidRequestError {
    return RememError.is(error) && error.name === "InvalidRequestError";
  }
}

/** The error of an option that is not as `expected` says. */
export const invalidOption = (where: string, name: string, expected: string): RememError =>
  new RememError("INVALID_OPTION", `${where}: \`${name}\` must be ${expected}.`);

export const unknownOption = (where: string, name: string, known: readonly string[]): RememError =>
  new RememError("INVALID_OPTION", `${where}: there is no option \`${name}\`. It takes ${known.join(", ")}.`);

export const clientClosed = (): RememError =>
  new RememError("CLIENT_CLOSED", "The client was closed. Create a new one.");

/** The error of an operation on a closed store. */
export const storeClosed = (store: string): StoreError =>
  new StoreError(`The store "${store}" was closed.`, { store, code: "STORE_CLOSED" });

/** A failure of a store's backend as a `StoreError`, unless it is one already. */
export const storeFailed = (store: string, operation: string, cause: unknown): StoreError =>
  StoreError.is(cause)
    ? cause
    : new StoreError(`The store "${store}" failed in ${operation}: ${messageOf(cause)}`, { store, cause });

export const storeTimedOut = (store: string, operation: string, timeoutMs: number): StoreError =>
  new StoreError(`The store "${store}" did not settle ${operation} within ${timeoutMs} ms.`, { store });

export const storeSkipped = (store: string, operation: string, cause: StoreError | undefined): StoreError =>
  new StoreError(
    `Skipping the store "${store}" for a few seconds, because ${operation} failed repeatedly (the circuit breaker is open). ` +
      `Last error: ${cause?.message}`,
    { store, cause },
  );

export const answerGone = (key: string): RememError =>
  new RememError(
    "CACHE_MISS",
    `No batch contains this request any more (key ${key}), and its answer is not stored. Start the job again to submit it.`,
  );

export const noBatchApi = (provider: string): RememError =>
  new RememError(
    "INVALID_OPTION",
    `deferred: the provider "${provider}" has no Batch API. Use \`batchInfer\` or \`inferEach\` instead.`,
  );

export const requestTooLarge = (bytes: number, limit: number): RememError =>
  new RememError(
    "REQUEST_TOO_LARGE",
    `The request takes ${bytes} bytes of JSON, but \`maxRequestBytes\` allows ${limit}. Shorten the request, or raise \`maxRequestBytes\`.`,
  );

export const callTimedOut = (provider: string, timeoutMs: number): ProviderError =>
  new ProviderError(`No answer arrived within \`timeoutMs\` (${timeoutMs} ms).`, {
    provider,
    code: "PROVIDER_TIMEOUT",
    retryable: true,
  });

/** The message has the time in UTC, so that a person knows when to come back. */
export function rateLimited(provider: string, waitMs: number, allowed: string, cause?: ProviderError): ProviderError {
  const until = new Date(Date.now() + waitMs).toISOString().slice(0, 19).replace("T", " ");
  return new ProviderError(
    `"${provider}" limits the rate of requests until ${until} UTC, and ${allowed} ms. Retry then, or raise the limit.`,
    {
      provider,
      code: "RATE_LIMITED",
      status: cause?.status ?? 429,
      retryable: true,
      rateLimited: true,
      retryAfterMs: Math.ceil(waitMs),
      cause,
    },
  );
}

export const malformedAnswer = (provider: string, problem: string): ProviderError =>
  new ProviderError(`The answer of "${provider}" is malformed: ${problem}.`, { provider, code: "MALFORMED_ANSWER" });

export const streamEnded = (provider: string): ProviderError =>
  new ProviderError(`"${provider}" ended its stream before the answer was complete.`, { provider, retryable: true });

export const leftEarly = (): RememError =>
  new RememError(
    "ABORTED",
    "The caller left the stream before its end. To let the call continue, call `result()` before you leave the loop.",
  );

/** Converts any thrown value to a `RememError`. */
export function asRememError(error: unknown, provider: string, signal?: AbortSignal): RememError {
  if (RememError.is(error)) return error;
  if (signal?.aborted) return new RememError("ABORTED", "The call was aborted.", { cause: error });
  return new ProviderError(`"${provider}" failed: ${messageOf(error)}`, { provider, cause: error });
}

/**
 * The message of any thrown value, without credentials. If the message is empty, the code: Node has no message if the
 * connections to all of several addresses fail.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return withoutCredentials(String(error));
  return withoutCredentials(error.message || ("code" in error ? String(error.code) : error.name));
}

function because(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}

function brief(path: string): string {
  return path.length <= 120 ? path : `${path.slice(0, 117)}...`;
}
