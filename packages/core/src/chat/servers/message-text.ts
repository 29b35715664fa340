/** The text of a message: its content, or the text parts of its content. "" if it has none. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return partsOf(content, isText).map(textIn).join("");
}

/** The members in which servers put the reasoning of an answer, in the order of precedence. */
const REASONING = [
  // DeepSeek: api-docs.deepseek.com/guides/reasoning_model; DashScope: help.aliyun.com/zh/model-studio/deep-thinking
  "reasoning_content",
  // vLLM: docs.vllm.ai/en/latest/features/reasoning_outputs; OpenRouter: openrouter.ai/docs/use-cases/reasoning-tokens
  "reasoning",
  // Ollama, in its own API: docs.ollama.com/capabilities/thinking
  "thinking",
];

/** The reasoning of a message, if the server reports it: in a member of its own, or in parts of the content (Mistral). */
export function reasoningOf(message: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of REASONING) {
    const text = message[name];
    if (typeof text === "string" && text.trim() !== "") return text;
  }
  const { content } = message;
  if (!Array.isArray(content)) return undefined; // The usual case, which allocates nothing.
  return partsOf(content, isThinking).map(textIn).join("") || undefined;
}

type Part = string | Readonly<Record<string, unknown>>;

function partsOf(content: readonly Part[], isWanted: (type: unknown) => boolean): Part[] {
  return content.filter((part) => (typeof part === "string" ? isWanted("text") : isWanted(part?.type)));
}

export function isTextOrThinking(type: unknown): boolean {
  return isText(type) || isThinking(type);
}

const isText = (type: unknown): boolean => type === "text" || type === "output_text";
const isThinking = (type: unknown): boolean => type === "thinking" || type === "reasoning";

function textIn(part: Part): string {
  if (typeof part === "string") return part;
  const text = part.text ?? part.thinking ?? part.reasoning;
  return typeof text === "string" ? text : textOf(text);
}
