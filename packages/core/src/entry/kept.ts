/** An answer, and the data that the cache keeps beside it in the same JSON, under a name that no caller sees. */
export interface Separated<Answer> {
  readonly answer: Answer;
  readonly kept: object | undefined;
}

/** Separates the kept data from an answer. It makes a new object, because `delete` would slow down every later read of the answer. */
export function separateKept<Answer extends object>(whole: Answer): Separated<Answer> {
  if (!("remem" in whole)) return { answer: whole, kept: undefined };
  const { remem: kept, ...answer } = whole as Answer & { readonly remem: object };
  return { answer: answer as object as Answer, kept };
}

/** The JSON of the answer alone. It is cut from the whole text, if `JSON.stringify` would write the same. */
export function jsonOfAnswer(whole: string, { answer, kept }: Separated<object>): string {
  if (kept === undefined) return whole;
  const end = `,"remem":${JSON.stringify(kept)}}`;
  return whole.endsWith(end) ? `${whole.slice(0, -end.length)}}` : JSON.stringify(answer);
}
