import { checkCount, checkOptions, type LLMProvider, RememError } from "@remem/core/plugin";
import { type ChatClient, chatCompletions, type OpenAIProviderOptions, serverScope } from "@remem/openai/plugin";

export interface OpenRouterProviderOptions extends Pick<OpenAIProviderOptions, "timeoutMs" | "maxRetries" | "fetch"> {
  /** `OPENROUTER_API_KEY` by default. Read on the first request; a missing key is reported then. */
  readonly apiKey?: string | undefined;
  /** `OPENROUTER_BASE_URL` by default, else OpenRouter's own address. */
  readonly baseURL?: string | undefined;
  /** The name under which OpenRouter lists the program's requests. None by default. */
  readonly title?: string | undefined;
}

const id = "openrouter";
const where = "openrouterProvider";
const KNOWN = { apiKey: true, baseURL: true, title: true, timeoutMs: true, maxRetries: true, fetch: true } as const;

/** A provider for the models of OpenRouter. Loads the `openai` package on the first request. */
export function openrouterProvider(options: OpenRouterProviderOptions = {}): LLMProvider {
  checkOptions(where, options, KNOWN satisfies Record<keyof OpenRouterProviderOptions, true>);
  checkCount(where, "timeoutMs", options.timeoutMs);
  checkCount(where, "maxRetries", options.maxRetries, 0);
  const { baseURL = process.env.OPENROUTER_BASE_URL || "https://openrouter.ai/api/v1", title, fetch } = options;
  const { timeoutMs = 60_000, maxRetries = 5 } = options;
  const apiKey = (): string | undefined => options.apiKey ?? process.env.OPENROUTER_API_KEY;

  const { generate, stream } = chatCompletions({
    id,
    timeoutMs,
    fetch,
    secrets: () => [apiKey()],
    async connect(fetch) {
      const key = apiKey();
      if (!key) throw missingKey();
      const { OpenAI } = await import("openai");
      return new OpenAI({
        apiKey: key,
        baseURL,
        timeout: timeoutMs,
        maxRetries,
        fetch,
        defaultHeaders: { "X-OpenRouter-Title": title },
        organization: null, // Otherwise the values of OpenAI's variables would be sent to OpenRouter.
        project: null,
      }) as ChatClient;
    },
  });

  return {
    specVersion: 1,
    id,
    scope: serverScope(baseURL, { where, option: "baseURL" }),
    generate,
    stream,
  };
}

function missingKey(): RememError {
  const problem = `There is no API key: pass \`apiKey\` to ${where}, or set OPENROUTER_API_KEY.`;
  return new RememError("MISSING_CREDENTIALS", problem);
}
