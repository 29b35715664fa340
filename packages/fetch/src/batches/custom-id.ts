/** The id of a line: letters, digits, `-` and `_`, at most 64. A key has 64 itself, so there is no room for a token beside it. */
export const customIdOf = (token: string, line: number): string => `${token}-${line}`;

/** The token and the line of an id; undefined for an id of another program. */
export function lineOf(customId: unknown): { readonly token: string; readonly line: number } | undefined {
  const [, token, line] = (typeof customId === "string" && /^(.+)-(\d{1,9})$/.exec(customId)) || [];
  return token === undefined ? undefined : { token, line: Number(line) };
}
