/** Says whether a model is one of these, where `*` stands for any characters: `gpt-4o*`. */
export function createModelList(patterns: readonly string[]): (model: string) => boolean {
  const sources = patterns.map((pattern) => pattern.split("*").map(escaped).join(".*"));
  const known = new RegExp(`^(?:${sources.join("|")})$`, "s");
  return (model) => known.test(model);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
