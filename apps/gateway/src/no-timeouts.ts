const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/**
 * Node's `fetch` gives up after five minutes without a header, or a piece of the body. How long an answer may take is for the caller
 * to say: to ask again after that would be paid for twice. What the process has set up for all its requests stays in force.
 */
export const withoutTimeouts: object = {
  dispatcher: {
    dispatch(options, handler) {
      new Headers(); // Loads what the symbol names.
      const dispatcher = (globalThis as unknown as Record<symbol, Dispatcher>)[GLOBAL_DISPATCHER]!;
      return dispatcher.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler);
    },
  } satisfies Dispatcher,
};
