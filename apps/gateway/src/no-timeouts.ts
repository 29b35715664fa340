const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/** Node's dispatcher. Other runtimes have none. */
const globalDispatcher = (): Dispatcher | undefined =>
  (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[GLOBAL_DISPATCHER];

/**
 * Options of `fetch` for a request that may take as long as its caller waits. Node's own `fetch` gives up after five minutes
 * without a header or a piece of the body. The caller would then ask, and pay, again. The dispatcher that the process has set
 * up stays in use.
 */
export function withoutTimeouts(): object {
  const dispatcher = globalDispatcher() ?? (new Headers() && globalDispatcher()); // `Headers` load the dispatcher.
  if (dispatcher === undefined) return {};
  const patient: Dispatcher = {
    dispatch: (options, handler) => dispatcher.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
  };
  return { dispatcher: patient };
}
