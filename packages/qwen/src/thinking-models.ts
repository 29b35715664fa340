/** Whether a model thinks: as it is told, always, or never; "unknown" where its name does not say. */
export type Thinking = "optional" | "always" | "never" | "unknown";

/**
 * What Qwen says of its models, by their names on any server: `Qwen/Qwen3-8B`, `qwen3-8b`, `qwen3:8b`. Qwen3 can do both,
 * so can Qwen3.5 and later and what DashScope calls plus, flash and turbo; but Instruct and Coder never think, and
 * Thinking, QwQ and QVQ always do.
 */
export function thinkingOf(model: string): Thinking {
  const name = shortName(model);
  if (/^(?:qwq|qvq)\b/.test(name)) return "always";
  if (!/^(?:qwen3(?:\.\d+)?|qwen-(?:plus|flash|turbo))(?:[-:]|$)/.test(name)) return "unknown";
  if (/\bthinking\b/.test(name)) return "always";
  return /\b(?:instruct|coder)\b/.test(name) ? "never" : "optional";
}

/** Whether it is of the first Qwen3, named after their sizes: other lines think best with other sampling. */
export function isFirstQwen3(model: string): boolean {
  return /^qwen3(?:[-:]\d|(?::latest)?$)/.test(shortName(model));
}

function shortName(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1).toLowerCase();
}
