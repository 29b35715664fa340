import {
  type ChatCompletion,
  type ChatRequest,
  checkCount,
  checkOptions,
  type LLMProvider,
  RememError,
} from "@remem/core/plugin";
import {
  batchesAt,
  type CompletionsAtOptions,
  completionsAt,
  type OpenAIProviderOptions,
  serverAddress,
  serverScope,
} from "@remem/openai/plugin";
import { DIALECTS, type DialectName, dialectAt } from "./dialect.ts";
import { withReasoning } from "./think-block.ts";
import { streamWithReasoning } from "./think-stream.ts";
import { wireRequest } from "./wire-request.ts";

/** The options of `qwenProvider`. */
export interface QwenProviderOptions
  extends Pick<OpenAIProviderOptions, "maxRetries" | "maxResponseBytes" | "scope" | "fetch"> {
  /**
   * The kind of server, which decides how the thinking flag is sent: `"vllm"` (also SGLang), `"dashscope"` (Alibaba Cloud Model
   * Studio; also ModelScope), or `"ollama"`. By default the address tells: `*.aliyuncs.com` and ModelScope's are `"dashscope"`, port
   * 11434 is `"ollama"`, and any other is `"vllm"`.
   */
  readonly dialect?: DialectName | undefined;
  /**
   * `OPENAI_API_KEY` by default; for DashScope, `DASHSCOPE_API_KEY` takes precedence. Read on the first request; a missing
   * key is reported then. Ollama needs none.
   */
  readonly apiKey?: string | undefined;
  /**
   * `OPENAI_BASE_URL` by default, else `http://localhost:8000/v1` for vLLM, `http://localhost:11434/v1` for Ollama, and
   * `https://dashscope.aliyuncs.com/compatible-mode/v1` for DashScope (other regions have other addresses and keys). A query
   * in it is sent with every request.
   */
  readonly baseURL?: string | undefined;
  /**
   * The timeout of one attempt in milliseconds, up to the last byte of its answer. 60,000 by default, and 600,000 if the model
   * thinks. For a stream, it limits the time to the first byte, and then the longest silence.
   */
  readonly timeoutMs?: number | undefined;
}

const KNOWN = {
  dialect: true,
  apiKey: true,
  baseURL: true,
  timeoutMs: true,
  maxRetries: true,
  maxResponseBytes: true,
  scope: true,
  fetch: true,
} as const satisfies Record<keyof QwenProviderOptions, true>;

const THINKING_TIMEOUT_MS = 600_000;

/**
 * A provider for Qwen3 and related models, thinking or not. Sends `enable_thinking` and `thinking_budget` in the form that
 * the server reads, and separates the thoughts of an answer from its text. Loads the `openai` package on the first request.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function qwenProvider(options: QwenProviderOptions = {}): LLMProvider {
  return qwenProviderFor("qwenProvider", options);
}

/** Creates the provider for a function with another name, which the messages of its errors contain. */
export function qwenProviderFor(where: string, options: QwenProviderOptions): LLMProvider {
  check(where, options);
  const { timeoutMs } = options;
  const configuredURL = options.baseURL ?? (process.env.OPENAI_BASE_URL || undefined);
  const name = options.dialect ?? dialectAt(configuredURL ?? "");
  const dialect = DIALECTS[name];
  const baseURL = configuredURL ?? dialect.baseURL;
  const option = { where, option: "baseURL" };
  serverAddress(baseURL, option);
  const scope = options.scope === false ? undefined : (options.scope ?? serverScope(baseURL, option));

  function serverWithin(timeoutMs: number | undefined): CompletionsAtOptions {
    return {
      id: "qwen",
      server: name,
      baseURL,
      apiKey: () => options.apiKey ?? keyFor(name, configuredURL !== undefined),
      missingKey: `pass \`apiKey\` to ${where}, or set ${name === "dashscope" ? "DASHSCOPE_API_KEY" : "OPENAI_API_KEY"}. (For a local server that does not check keys, pass any string.)`,
      timeoutMs,
      maxRetries: options.maxRetries,
      maxResponseBytes: options.maxResponseBytes,
      fetch: options.fetch,
    };
  }
  const plain = completionsAt(serverWithin(timeoutMs));
  const thinking = completionsAt(serverWithin(timeoutMs ?? THINKING_TIMEOUT_MS));
  const batches = dialect.batchLimits && {
    limits: dialect.batchLimits,
    endpoint: "/v1/chat/completions",
    toLine: (request: ChatRequest) => unstreamed(wireRequest(request, dialect).body),
    read: (completion: ChatCompletion, request: ChatRequest) =>
      withReasoning(completion, wireRequest(request, dialect).thinks),
  };

  return {
    specVersion: 1,
    id: "qwen",
    ...(scope !== undefined && { scope }),
    canonical: (request) => wireRequest(request, dialect).canonical,
    async generate(request, context) {
      const { body, thinks } = wireRequest(request, dialect);
      return withReasoning(await (thinks ? thinking : plain).generate(body, context), thinks);
    },
    async *stream(request, context) {
      const { body, thinks } = wireRequest(request, dialect);
      yield* streamWithReasoning((thinks ? thinking : plain).stream(body, context), thinks);
    },
    ...(batches !== undefined && { deferred: batchesAt(serverWithin(timeoutMs), batches) }),
  };
}

/** A batch has no streams, and returns thoughts without one. */
function unstreamed({ stream: _, stream_options: __, ...request }: ChatRequest): ChatRequest {
  return request as ChatRequest;
}

function keyFor(dialect: DialectName, hasConfiguredURL: boolean): string | undefined {
  const { DASHSCOPE_API_KEY, OPENAI_API_KEY } = process.env;
  if (dialect === "ollama") return OPENAI_API_KEY || "ollama"; // The SDK requires a key; Ollama ignores it.
  if (dialect === "vllm") return OPENAI_API_KEY;
  // Never send a key that may be OpenAI's to the default address, which is Alibaba's.
  return DASHSCOPE_API_KEY || (hasConfiguredURL ? OPENAI_API_KEY : undefined);
}

function check(where: string, options: QwenProviderOptions): void {
  checkOptions(where, options, KNOWN);
  checkCount(where, "timeoutMs", options.timeoutMs);
  checkCount(where, "maxRetries", options.maxRetries, 0);
  checkCount(where, "maxResponseBytes", options.maxResponseBytes);
  const { dialect } = options;
  if (dialect !== undefined && !Object.hasOwn(DIALECTS, dialect)) {
    throw new RememError("INVALID_OPTION", `${where}: \`dialect\` must be "vllm", "dashscope" or "ollama".`);
  }
}
