/** Whether a model thinks: on request, always, or never; "unknown" if its name does not tell. */
export type Thinking = "optional" | "always" | "never" | "unknown";

/**
 * Tells from a model's name on any server (`Qwen/Qwen3-8B`, `qwen3-8b`, `qwen3:8b`) whether the model thinks, as Qwen documents
 * it. Thinking is optional for Qwen3, Qwen3.5 and later, and for DashScope's plus, flash and turbo. Instruct and Coder models
 * never think; Thinking models, QwQ and QVQ always do.
 */
export function thinkingOf(model: string): Thinking {
  const name = shortName(model);
  if (/^(?:qwq|qvq)\b/.test(name)) return "always";
  if (!/^(?:qwen3(?:\.\d+)?|qwen-(?:plus|flash|turbo))(?:[-:]|$)/.test(name)) return "unknown";
  if (/\bthinking\b/.test(name)) return "always";
  return /\b(?:instruct|coder)\b/.test(name) ? "never" : "optional";
}

/** Whether the model is an original Qwen3, named only by size. Other lines have other recommended sampling. */
export function isFirstQwen3(model: string): boolean {
  return /^qwen3(?:[-:]\d|(?::latest)?$)/.test(shortName(model));
}

function shortName(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1).toLowerCase();
}
