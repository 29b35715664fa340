/** The part of an `openai` client that is used, common to all versions and subclasses. */
export interface ChatClient {
  /** The part of the client that sends Chat Completions. */
  readonly chat: {
    readonly completions: {
      create(body: never, options: { readonly signal: AbortSignal }): Answer;
    };
  };
}

/** The SDK's promise of an answer. That of an instrumented client may lack `asResponse`. */
export interface Answer extends PromiseLike<unknown> {
  /** The response, before its body was read. */
  asResponse?(): Promise<Response>;
}
