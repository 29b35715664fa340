/** The id of a line: letters, digits, `-` and `_`, at most 64. A key has as many, so that there is no room for a token beside it. */
export const customIdOf = (token: string, line: number): string => `${token}-${line}`;

/** Whose line an id is; undefined for ids of others. */
export function lineOf(customId: unknown): { readonly token: string; readonly line: number } | undefined {
  const [, token, line] = (typeof customId === "string" && /^(.+)-(\d{1,9})$/.exec(customId)) || [];
  return token === undefined ? undefined : { token, line: Number(line) };
}
