const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/** Node's. Other runtimes have none. */
const globalDispatcher = (): Dispatcher | undefined =>
  (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[GLOBAL_DISPATCHER];

/**
 * Options of `fetch` for a request that may take as long as its caller waits. Node's own gives up after five minutes without a header, or
 * a piece of the body, and the caller would ask, and pay, again. What the process has set up for all its requests stays in force.
 */
export function withoutTimeouts(): object {
  const dispatcher = globalDispatcher() ?? (new Headers() && globalDispatcher()); // They load what the symbol names.
  if (dispatcher === undefined) return {};
  const patient: Dispatcher = {
    dispatch: (options, handler) => dispatcher.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
  };
  return { dispatcher: patient };
}
