/** Matches a fence with the rest of its line. On a line with its content, the language is a word before the JSON. */
const OPENING = /^(`{3,}|~{3,})(?:[^\n`{["]*\n|[\t ]*(?:[a-z][\w+.-]*(?=[\s{["]))?)/i;

/** Returns the text inside a Markdown code fence that encloses all of it, and any other text unchanged. */
export function withoutFence(text: string): string {
  const trimmed = text.trim();
  const opening = OPENING.exec(trimmed);
  if (opening === null) return text;
  const [line, fence] = opening as unknown as [string, string];
  const inner = trimmed.slice(line.length, -fence.length).trim();
  const encloses =
    trimmed.length >= line.length + fence.length && trimmed.endsWith(fence) && !`\n${inner}`.includes(`\n${fence}`);
  return encloses ? inner : text;
}
