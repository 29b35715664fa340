/** The options without those that are `undefined`, which count as not given. */
export function omitUndefined<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } {
  const members = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as ReturnType<typeof omitUndefined<Options>>;
}
