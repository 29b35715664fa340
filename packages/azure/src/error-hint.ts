const HINTS: Readonly<Record<number, string>> = {
  200: "Check `endpoint`.",
  401: "Check `apiKey` or `azureADTokenProvider`, or the environment variable it is read from.",
  404: "Check `endpoint`, `apiVersion`, and the deployment: it is `deployment`, or else the request's `model`.",
};

/** Returns the remedy for an answer with this status. `error` is the SDK's, if there is one. */
export function hint(status: number, error?: unknown): string | undefined {
  return blockedPromptHint(error) ?? HINTS[status];
}

/** Names the categories for which Azure's content filter blocked a prompt. */
function blockedPromptHint(error: unknown): string | undefined {
  const { code, error: body } = (error ?? {}) as { code?: unknown; error?: FilterError };
  if (code !== "content_filter") return undefined;
  const found = Object.entries(body?.innererror?.content_filter_result ?? {})
    .filter(([, result]) => result?.filtered === true)
    .map(([category, result]) => (result?.severity === undefined ? category : `${category} (${result.severity})`));
  const what = found.length === 0 ? "" : `: ${found.join(", ")}`;
  return `Azure's content filter blocked the prompt${what}. Change the prompt or the deployment's filter.`;
}

/** The part of the body's `error` that is used. A category has either a severity or a flag `detected`. */
interface FilterError {
  readonly innererror?: {
    readonly content_filter_result?: Readonly<
      Record<string, { readonly filtered?: unknown; readonly severity?: unknown } | null>
    >;
  };
}
