/**
 * The kind of an error, for programs. Codes are stable; messages are for people and may change. `ABORTED` is the code of a
 * batch item whose `signal` was aborted, and of the `result()` of a stream that its caller left before the end. `infer` itself
 * rejects with the signal's own reason, as `fetch` does.
 */
export type RememErrorCode =
  | "INVALID_REQUEST"
  | "REQUEST_TOO_LARGE"
  | "CACHE_MISS"
  | "PROVIDER_ERROR"
  | "PROVIDER_TIMEOUT"
  | "MALFORMED_ANSWER"
  | "RATE_LIMITED"
  | "BUDGET_EXCEEDED"
  | "SCHEMA_MISMATCH"
  | "STORE_ERROR"
  | "STORE_CLOSED"
  | "STORE_BUSY"
  | "STORE_READ_ONLY"
  | "CLIENT_CLOSED"
  | "MISSING_CREDENTIALS"
  | "MISSING_PACKAGE"
  | "INVALID_OPTION"
  | "ABORTED";
