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

/** The part that sends anything else, common to all versions, too. */
export interface AnyClient {
  get(path: string, options: CallOptions): Answer;
  post(path: string, options: CallOptions): Answer;
}

interface CallOptions {
  readonly signal: AbortSignal;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxRetries?: number;
  readonly timeout?: number;
}
