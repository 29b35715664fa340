import { isBlank } from "./is-blank.ts";

/** The error of a failed call, as the server reports it. */
export interface ServerError {
  /** The server's own words. */
  readonly message: string;
  /** The server's code, as a text. */
  readonly code?: string | number;
  /** The server's word for the kind of error. */
  readonly type?: string;
  /** The parameter that the server complains about. */
  readonly param?: string;
  /** The HTTP status that the body names, or 429 if its code is that of a throttle. */
  readonly status?: number;
  /** Whether a retry may help; not if a quota is exhausted. Undefined if the code does not tell: then the status decides. */
  readonly retryable?: boolean;
}

type Members = Readonly<Record<string, unknown>>;
type Found = Omit<ServerError, "status" | "retryable">;

interface Server {
  readonly server: string;
  /** The documentation of the server's errors. */
  readonly source: string;
  /** Finds the error in a body of this server's form. */
  readonly find: (body: Members) => Found | undefined;
  /** Matches the server's host, or a link in its messages. Set if other servers use the same codes differently. */
  readonly host?: RegExp;
  /** Recognizes bodies of this server. Set for the same reason. */
  readonly isOwn?: (body: Members) => boolean;
  /** Codes, or their parts before the first dot, of calls to repeat after a wait. */
  readonly throttled?: readonly string[];
  /** Codes of quotas and balances that no wait refills. */
  readonly exhausted?: readonly string[];
  /** Codes of other failures that the next attempt may not have. */
  readonly transient?: readonly string[];
}

const DASHSCOPE_BILLS = ["Arrearage", "PrepaidBillOverdue", "PostpaidBillOverdue", "CommodityNotPurchased"];

/** The documented errors, in the order in which a body is searched for them. */
const SERVERS: readonly Server[] = [
  {
    server: "OpenAI",
    source: "https://platform.openai.com/docs/guides/error-codes",
    find: inError,
    throttled: ["rate_limit_exceeded"],
    exhausted: ["insufficient_quota", "credit_balance_exhausted"],
  },
  {
    server: "DashScope, OpenAI-compatible", // Its quotas are per minute, although it uses OpenAI's words.
    source: "https://www.alibabacloud.com/help/en/model-studio/error-code",
    find: inError,
    host: /aliyuncs\.com|aliyun\.com|alibabacloud|dashscope/i,
    isOwn: (body) => typeof body.request_id === "string",
    throttled: ["Throttling", "insufficient_quota", "LimitRequests", "limit_requests", "limit_burst_rate"],
    exhausted: DASHSCOPE_BILLS,
  },
  { server: "OpenRouter", source: "https://openrouter.ai/docs/api/reference/errors-and-debugging", find: inError },
  {
    server: "OpenRouter, a model that failed midway",
    source: "https://openrouter.ai/docs/api/reference/errors-and-debugging",
    find: onChoice,
    transient: ["error"],
  },
  {
    server: "Gemini",
    source: "https://ai.google.dev/gemini-api/docs/troubleshooting",
    find: inError,
    throttled: ["RESOURCE_EXHAUSTED"],
  },
  { server: "Gemini, OpenAI-compatible", source: "https://ai.google.dev/gemini-api/docs/openai", find: inList },
  { server: "Ollama", source: "https://docs.ollama.com/api/errors", find: inError },
  {
    server: "MiniMax",
    source: "https://platform.minimax.io/docs/api-reference/errorcode",
    find: inBaseResp,
    throttled: ["1002", "1041", "2045"],
    exhausted: ["1008", "2056"],
    transient: ["1000", "1001", "1024", "1033"],
  },
  {
    server: "Databricks",
    source: "https://docs.databricks.com/api/workspace/introduction",
    find: inErrorCode,
    throttled: ["REQUEST_LIMIT_EXCEEDED"],
    transient: ["TEMPORARILY_UNAVAILABLE"],
  },
  {
    server: "DashScope",
    source: "https://www.alibabacloud.com/help/en/model-studio/error-code",
    find: atTop,
    throttled: ["Throttling"],
    exhausted: DASHSCOPE_BILLS,
  },
  {
    server: "vLLM, older versions",
    source: "https://github.com/vllm-project/vllm/blob/v0.8.5/vllm/entrypoints/openai/protocol.py",
    find: atTop,
  },
  { server: "FastAPI", source: "https://fastapi.tiangolo.com/tutorial/handling-errors/", find: inDetail },
];

const FINDERS: ReadonlySet<Server["find"]> = new Set(SERVERS.map(({ find }) => find));

/**
 * Finds the error in a body; undefined if there is none. An empty member `error` is not an error. If the body has choices,
 * only `error`, `base_resp` and the choices are searched. `host` is the server's host, if known. The body must not be too
 * deep to be stringified.
 */
export function errorIn(body: unknown, host = ""): ServerError | undefined {
  if (Array.isArray(body)) return errorIn({ list: body }, host);
  if (!isMembers(body)) return undefined;
  for (const find of FINDERS) {
    const found = find(body);
    if (found === undefined) continue;
    const verdict = verdictOn(found, { find, host, body });
    const status = statusOf(found.code) ?? (verdict === "throttled" ? 429 : undefined);
    return {
      ...found,
      ...(status !== undefined && { status }),
      ...(verdict !== undefined && { retryable: verdict !== "exhausted" }),
    };
  }
  return undefined;
}

const VERDICTS = ["throttled", "exhausted", "transient"] as const;

/** Looks up the code, or else the type, in the rows of the same form. The rows of the body's own server come first. */
function verdictOn(
  found: Found,
  { find, host, body }: Pick<Server, "find"> & { readonly host: string; readonly body: Members },
): (typeof VERDICTS)[number] | undefined {
  const rows = SERVERS.filter((row) => row.find === find);
  const own = rows.filter((row) => row.host?.test(`${host} ${found.message}`) || row.isOwn?.(body));
  for (const row of [...own, ...rows]) {
    for (const code of [found.code, found.type]) {
      const verdict = VERDICTS.find((name) =>
        row[name]?.some((one) => one === `${code}` || `${code}`.startsWith(`${one}.`)),
      );
      if (verdict !== undefined) return verdict;
    }
  }
  return undefined;
}

/** `{error: {message, type, param, code}}` and `{error: "text"}`. OpenRouter's includes the message of the model's provider. */
function inError({ error, ...rest }: Members): Found | undefined {
  if (isBlank(error)) return undefined;
  if (!isMembers(error)) {
    const words = [typeof error === "boolean" ? undefined : wordsOf(error), wordsOf(rest.message)].filter(Boolean);
    return found(rest, wordsOf(words.join(": ")));
  }
  const { metadata, message, msg, status, detail } = error;
  const own = wordsOf(message) ?? wordsOf(msg) ?? wordsOf(detail) ?? JSON.stringify(error);
  const raw = isMembers(metadata) ? wordsIn(metadata.raw) : undefined;
  const words = raw === undefined || own.includes(raw) ? own : `${own}: ${raw}`;
  return found({ ...error, type: error.type ?? (statusOf(status) === undefined ? status : undefined) }, words);
}

/** `error` or a finish reason "error" on a choice. */
function onChoice({ choices }: Members): Found | undefined {
  for (const choice of Array.isArray(choices) ? choices : []) {
    if (!isMembers(choice)) continue;
    const error = inError({ error: choice.error });
    if (error !== undefined) return error;
    if (choice.finish_reason === "error" || choice.native_finish_reason === "error") {
      return { message: "the model failed before its answer was complete", code: "error" };
    }
  }
  return undefined;
}

/** `base_resp: {status_code, status_msg}`. */
function inBaseResp({ base_resp: response }: Members): Found | undefined {
  if (!isMembers(response) || isBlank(response.status_code) || response.status_code === "0") return undefined;
  return found({ code: response.status_code }, wordsOf(response.status_msg));
}

/** `[{error: {…}}]` */
function inList({ list }: Members): Found | undefined {
  const errors = Array.isArray(list) ? list.filter(isMembers).map(inError) : [];
  return errors.find((error) => error !== undefined);
}

/** `{error_code, message}` */
function inErrorCode(body: Members): Found | undefined {
  if (hasChoices(body) || isBlank(body.error_code)) return undefined;
  return found({ code: body.error_code }, wordsOf(body.message));
}

/** `{message, code, type, param}` */
function atTop(body: Members): Found | undefined {
  const words = [body.message, body.msg].find((text) => typeof text === "string" && text.trim() !== "");
  return hasChoices(body) || words === undefined ? undefined : found(body, wordsOf(words));
}

/** `{detail: "text"}` and `{detail: [{loc, msg, type}]}` */
function inDetail(body: Members): Found | undefined {
  const { detail } = body;
  if (hasChoices(body) || isBlank(detail)) return undefined;
  if (!Array.isArray(detail) || !detail.every(isMembers)) {
    return isMembers(detail) ? inError({ error: detail }) : found({}, wordsOf(detail));
  }
  const problems = detail.map(({ loc, msg }) => [placeOf(loc), wordsOf(msg)].filter(Boolean).join(": "));
  return found({ type: detail[0]?.type, param: placeOf(detail[0]?.loc) }, wordsOf(problems.filter(Boolean).join("; ")));
}

const placeOf = (loc: unknown): string | undefined => (Array.isArray(loc) ? loc.join(".") : undefined);

function found({ code, type, param, error_type }: Members, message: string | undefined): Found {
  const kind = wordsOf(type) ?? wordsOf(error_type);
  const place = wordsOf(param);
  const isCode = (typeof code === "string" || typeof code === "number") && !isBlank(code);
  return {
    message: message ?? "no reason given",
    ...(isCode && { code }),
    ...(kind !== undefined && { type: kind }),
    ...(place !== undefined && { param: place }),
  };
}

/** The message in a text that the server passes on from another server. The text may be JSON. */
function wordsIn(raw: unknown): string | undefined {
  if (typeof raw !== "string") return errorIn(raw)?.message ?? wordsOf(raw);
  try {
    return errorIn(JSON.parse(raw))?.message ?? wordsOf(raw);
  } catch {
    return wordsOf(raw);
  }
}

function wordsOf(value: unknown): string | undefined {
  if (isBlank(value)) return undefined;
  return typeof value === "string" ? value.trim() : JSON.stringify(value);
}

function statusOf(code: unknown): number | undefined {
  const status = typeof code === "string" && /^\d{3}$/.test(code) ? Number(code) : code;
  if (typeof status !== "number" || !Number.isInteger(status)) return undefined;
  return status >= 400 && status <= 599 ? status : undefined;
}

const hasChoices = ({ choices }: Members): boolean => Array.isArray(choices) && choices.length > 0;

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
