/** The text of a message: its content, or the text parts of it. "" where it has none. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return partsOf(content, isText).map(textIn).join("");
}

/**
 * Where servers put the reasoning of an answer, in the order of precedence: DeepSeek, DashScope and older vLLM in
 * `reasoning_content`, vLLM, Ollama and OpenRouter in `reasoning`.
 */
const REASONING = ["reasoning_content", "reasoning", "thinking"];

/** The reasoning of a message, where the server tells it: in a member of its own, or in parts of the content (Mistral). */
export function reasoningOf(message: Readonly<Record<string, unknown>>): string | undefined {
  const own = REASONING.map((name) => message[name]).find((text) => typeof text === "string" && text.trim() !== "");
  if (own !== undefined) return own as string;
  return partsOf(message.content, isThinking).map(textIn).join("") || undefined;
}

type Part = string | Readonly<Record<string, unknown>>;

function partsOf(content: unknown, isWanted: (type: unknown) => boolean): Part[] {
  if (!Array.isArray(content)) return [];
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
