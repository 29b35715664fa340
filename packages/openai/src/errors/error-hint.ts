/** Returns the remedy for an answer with this status. `error` has the server's code, and the body's `error`; absent for a 200. */
export type ErrorHint = (status: number, error?: unknown) => string | undefined;

const HINTS: Readonly<Record<number, string>> = {
  200: "Check `baseURL`.",
  401: "Check `apiKey`, or the environment variable it is read from.",
  404: "Check `model` and `baseURL`.",
};

export const defaultHint: ErrorHint = (status) => HINTS[status];

/** Appends a hint as a sentence of its own. */
export function withHint(text: string, hint: string | undefined): string {
  if (!hint) return text;
  return `${text}${/\p{Sentence_Terminal}["')\]]*$/u.test(text) ? "" : "."} ${hint}`;
}
