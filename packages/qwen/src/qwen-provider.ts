import { checkCount, checkOptions, type LLMProvider, RememError } from "@remem/core";
import { completionsAt, type OpenAIProviderOptions, serverAddress } from "@remem/openai";
import { DIALECTS, type DialectName } from "./dialect.ts";
import { withReasoning } from "./think-block.ts";
import { wireRequest } from "./wire-request.ts";

export interface QwenProviderOptions
  extends Pick<OpenAIProviderOptions, "maxRetries" | "maxResponseBytes" | "scope" | "fetch"> {
  /**
   * What kind of server it is, for where it reads the flag: `"vllm"` (the default; SGLang too), `"dashscope"` (Alibaba
   * Cloud Model Studio; ModelScope too), or `"ollama"`.
   */
  readonly dialect?: DialectName;
  /**
   * `OPENAI_API_KEY` by default, for DashScope `DASHSCOPE_API_KEY` before it. Read, and missed, when the first request is
   * sent. Ollama needs none.
   */
  readonly apiKey?: string;
  /**
   * `OPENAI_BASE_URL` by default, else `http://localhost:8000/v1` for vLLM, `http://localhost:11434/v1` for Ollama, and
   * for DashScope `https://dashscope.aliyuncs.com/compatible-mode/v1` (the keys of other regions belong to others).
   */
  readonly baseURL?: string;
  /**
   * The time limit of one attempt in milliseconds, until the last byte of its answer. 60,000 by default, and 600,000
   * where the model thinks.
   */
  readonly timeoutMs?: number;
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
 * Qwen3 and its relatives, thinking or not: `enable_thinking` and `thinking_budget` in a request are put where the server
 * reads them, and what a model thought comes apart from what it answers. The `openai` package is loaded with the first
 * request.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function qwenProvider(options: QwenProviderOptions = {}): LLMProvider {
  check(options);
  const { dialect: name = "vllm", timeoutMs } = options;
  const dialect = DIALECTS[name];
  const configuredURL = options.baseURL ?? (process.env.OPENAI_BASE_URL || undefined);
  const baseURL = configuredURL ?? dialect.baseURL;
  const address = serverAddress(baseURL, { where: "qwenProvider", option: "baseURL" });
  const scope = options.scope === false ? undefined : (options.scope ?? address);

  function generateWithin(timeoutMs: number | undefined): LLMProvider["generate"] {
    return completionsAt({
      id: "qwen",
      baseURL,
      apiKey: () => options.apiKey ?? keyFor(name, configuredURL !== undefined),
      missingKey: `pass \`apiKey\` to qwenProvider, or set ${name === "dashscope" ? "DASHSCOPE_API_KEY" : "OPENAI_API_KEY"}. (A local server that checks none takes any text.)`,
      timeoutMs,
      maxRetries: options.maxRetries,
      maxResponseBytes: options.maxResponseBytes,
      fetch: options.fetch,
    });
  }
  const generate = generateWithin(timeoutMs);
  const generateThinking = generateWithin(timeoutMs ?? THINKING_TIMEOUT_MS);

  return {
    specVersion: 1,
    id: "qwen",
    ...(scope !== undefined && { scope }),
    canonical: (request) => wireRequest(request, dialect).canonical,
    async generate(request, context) {
      const { body, thinks } = wireRequest(request, dialect);
      return withReasoning(await (thinks ? generateThinking : generate)(body, context), thinks);
    },
  };
}

function keyFor(dialect: DialectName, hasConfiguredURL: boolean): string | undefined {
  const { DASHSCOPE_API_KEY, OPENAI_API_KEY } = process.env;
  if (dialect === "ollama") return OPENAI_API_KEY || "ollama"; // The SDK wants one, Ollama does not look at it.
  if (dialect === "vllm") return OPENAI_API_KEY;
  // To an address of Alibaba's that nobody has named goes no key that may be OpenAI's.
  return DASHSCOPE_API_KEY || (hasConfiguredURL ? OPENAI_API_KEY : undefined);
}

function check(options: QwenProviderOptions): void {
  checkOptions("qwenProvider", options, KNOWN);
  checkCount("qwenProvider", "timeoutMs", options.timeoutMs);
  checkCount("qwenProvider", "maxRetries", options.maxRetries, 0);
  checkCount("qwenProvider", "maxResponseBytes", options.maxResponseBytes);
  const { dialect } = options;
  if (dialect !== undefined && !Object.hasOwn(DIALECTS, dialect)) {
    throw new RememError("INVALID_OPTION", 'qwenProvider: `dialect` must be "vllm", "dashscope" or "ollama".');
  }
}
