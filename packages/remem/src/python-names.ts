import { type LLMProvider, RememError } from "@remem/core";

/** What adapters advise, and the same with the options of CacheOpenAI. Whole phrases, so that a server's words stay as they are. */
const PHRASES: ReadonlyArray<readonly [adapters: string, own: string]> = [
  ["Check `baseURL`.", "Check `llmBaseUrl`."],
  ["Check `model` and `baseURL`.", "Check `llmName` and `llmBaseUrl`."],
  ["CacheOpenAI: `baseURL`", "CacheOpenAI: `llmBaseUrl`"],
  ["CacheOpenAI: `endpoint`", "CacheOpenAI: `llmBaseUrl`"],
  ["pass `endpoint` to", "pass `llmBaseUrl` to"],
  ["pass `apiKey` or `azureADTokenProvider` to", "pass `apiKey` to"],
  ["pass `apiVersion` to CacheOpenAI, or set OPENAI_API_VERSION", "set OPENAI_API_VERSION"],
  ["An `endpoint` that", "An `llmBaseUrl` that"],
  ["Check `endpoint`.", "Check `llmBaseUrl`."],
  ["Check `apiKey` or `azureADTokenProvider`, or", "Check `apiKey`, or"],
  [
    "Check `endpoint`, `apiVersion`, and the deployment: it is `deployment`, or else the request's `model`.",
    "Check `llmBaseUrl`, OPENAI_API_VERSION, and `llmName`, which is the deployment.",
  ],
];

/** The same provider, whose errors name the options of CacheOpenAI. */
export function withPythonNames(create: () => LLMProvider): LLMProvider {
  try {
    const provider = create();
    return { ...provider, generate: (request, context) => provider.generate(request, context).catch(rethrow) };
  } catch (error) {
    return rethrow(error);
  }
}

function rethrow(error: unknown): never {
  if (RememError.is(error)) {
    const message = PHRASES.reduce((text, [adapters, own]) => text.replaceAll(adapters, own), error.message);
    if (error.stack !== undefined) error.stack = error.stack.replace(error.message, () => message);
    error.message = message;
  }
  throw error;
}
