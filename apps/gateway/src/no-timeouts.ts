const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/**
 * Options of `fetch` for a request that may take as long as its caller waits. Node's own gives up after five minutes without a header, or
 * a piece of the body, and the caller would ask, and pay, again. What the process has set up for all its requests stays in force.
 */
export function withoutTimeouts(): object {
  new Headers(); // Loads what the symbol names. Other runtimes have none.
  const dispatcher = (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[GLOBAL_DISPATCHER];
  if (dispatcher === undefined) return {};
  const patient: Dispatcher = {
    dispatch: (options, handler) => dispatcher.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
  };
  return { dispatcher: patient };
}
