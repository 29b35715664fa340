import type { ChatRequest, LLMProvider } from "@remem/core";
import { type CreateOptions, providerContract } from "@remem/testing";
import { describe, test } from "vitest";
import type { DialectName } from "../src/index.ts";
import { qwenProvider } from "../src/index.ts";

const apiKey = "sk-test-0123456789abcdefghij";
const sampling = ["temperature", "top_p"];

describe.each<DialectName>(["vllm", "dashscope", "ollama"])(
  "qwenProvider keeps the contract of a provider, %s:",
  (dialect) => {
    const cases = providerContract({ create: (options) => qwenProvider({ dialect, apiKey, ...options }) });
    for (const { name, run } of cases) test(name, run);
  },
);

describe.each<{ dialect: DialectName; enable_thinking: boolean; adds: readonly string[] }>([
  { dialect: "vllm", enable_thinking: false, adds: ["chat_template_kwargs"] },
  { dialect: "vllm", enable_thinking: true, adds: ["chat_template_kwargs", ...sampling, "top_k"] },
  { dialect: "dashscope", enable_thinking: false, adds: ["enable_thinking"] },
  {
    dialect: "dashscope",
    enable_thinking: true,
    adds: ["enable_thinking", "stream", "stream_options", ...sampling, "top_k"],
  },
  { dialect: "ollama", enable_thinking: false, adds: ["reasoning_effort"] },
  { dialect: "ollama", enable_thinking: true, adds: ["reasoning_effort", ...sampling] },
])("the same for Qwen3, $dialect, enable_thinking $enable_thinking:", ({ dialect, enable_thinking, adds }) => {
  const create = (options: CreateOptions): LLMProvider => askingQwen(dialect, { enable_thinking }, options);
  for (const { name, run } of providerContract({ create, adds })) test(name, run);
});

/** Sends every request to Qwen3, but restores the requested model in what the server receives. */
function askingQwen(
  dialect: DialectName,
  flag: Partial<ChatRequest>,
  { fetch, ...options }: CreateOptions,
): LLMProvider {
  let asked = "";
  const provider = qwenProvider({
    dialect,
    apiKey,
    ...options,
    fetch: (input, init) =>
      fetch(input, { ...init, body: String(init?.body).replace('"Qwen/Qwen3-8B"', `"${asked}"`) }),
  });
  function toQwen(request: ChatRequest): ChatRequest {
    asked = request.model;
    return { ...request, ...flag, model: "Qwen/Qwen3-8B" };
  }
  const { deferred: _, ...others } = provider; // A file is no text that could be changed on its way.
  return {
    ...others,
    generate: (request, context) => provider.generate(toQwen(request), context),
    stream: (request, context) => provider.stream!(toQwen(request), context),
  };
}
