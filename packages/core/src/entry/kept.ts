/** An answer, and what the cache keeps beside it in the same JSON, under a name that no caller sees. */
export interface Separated<Answer> {
  readonly answer: Answer;
  readonly kept: object | undefined;
}

/** Takes what is kept out of an answer. The members of what is left stay fast, which those of an object after `delete` are not. */
export function separateKept<Answer extends object>(whole: Answer): Separated<Answer> {
  if (!("remem" in whole)) return { answer: whole, kept: undefined };
  const { remem: kept, ...answer } = whole as Answer & { readonly remem: object };
  return { answer: answer as object as Answer, kept };
}

/** The JSON of the answer alone: of the same text, where that is as `JSON.stringify` writes it. */
export function jsonOfAnswer(whole: string, { answer, kept }: Separated<object>): string {
  if (kept === undefined) return whole;
  const end = `,"remem":${JSON.stringify(kept)}}`;
  return whole.endsWith(end) ? `${whole.slice(0, -end.length)}}` : JSON.stringify(answer);
}
