/**
 * How complete an answer is: `"whole"`; `"limit"`, cut off by the request's own limit or another; `"partial"`, which is
 * never stored; or `"unknown"` for any other finish reason, which is not stored either.
 */
export type FinishKind = "whole" | "limit" | "partial" | "unknown";

/** The finish reasons of documented servers. Upper and lower case mean the same. */
const KINDS: ReadonlyMap<string, FinishKind> = new Map([
  // OpenAI: platform.openai.com/docs/api-reference/chat/object
  ["stop", "whole"],
  ["tool_calls", "whole"],
  ["function_call", "whole"],
  ["length", "limit"],
  ["content_filter", "partial"],
  // Together: docs.together.ai/reference/chat-completions-1
  ["eos", "whole"],
  // Text Generation Inference: huggingface.co/docs/text-generation-inference/reference/api_reference
  ["eos_token", "whole"],
  ["stop_sequence", "whole"],
  // Anthropic, and gateways that pass its words on: docs.anthropic.com/en/api/handling-stop-reasons
  ["end_turn", "whole"],
  ["tool_use", "whole"],
  ["max_tokens", "limit"],
  ["refusal", "partial"],
  ["pause_turn", "partial"],
  ["model_context_window_exceeded", "partial"], // Also Zhipu.
  // Cohere: docs.cohere.com/reference/chat
  ["complete", "whole"],
  ["tool_call", "whole"],
  ["error_toxic", "partial"],
  ["error_limit", "partial"],
  // Gemini: ai.google.dev/api/generate-content#FinishReason
  ["safety", "partial"],
  ["recitation", "partial"],
  ["blocklist", "partial"],
  ["prohibited_content", "partial"],
  ["malformed_function_call", "partial"],
  ["other", "partial"],
  // DeepSeek: api-docs.deepseek.com/api/create-chat-completion
  ["insufficient_system_resource", "partial"],
  // Zhipu: docs.bigmodel.cn/api-reference
  ["sensitive", "partial"],
  ["network_error", "partial"],
  // Mistral: docs.mistral.ai/api
  ["model_length", "partial"],
  ["error", "partial"], // Also OpenRouter: openrouter.ai/docs/api-reference/overview
  // vLLM and SGLang: docs.vllm.ai, docs.sglang.ai
  ["abort", "partial"],
  // DashScope, of an answer that has not ended: help.aliyun.com/zh/model-studio/dashscope-api-reference
  ["null", "partial"],
]);

export function finishKind(reason: unknown): FinishKind {
  return (typeof reason === "string" && KINDS.get(reason.trim().toLowerCase())) || "unknown";
}
