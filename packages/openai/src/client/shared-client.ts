import { AsyncLocalStorage } from "node:async_hooks";

type Fetch = typeof fetch;
type Around = (fetch: Fetch) => Fetch;

/** The function to put around the `fetch` of a shared client during a call of ours. */
const calls = new AsyncLocalStorage<Around | undefined>();

/** The functions that `install` has put in place. */
const dispatchers = new WeakSet<object>();

/**
 * Runs a call of a client that is not ours. The client's requests for it go through `around`. Its requests for its owner, or
 * for another call, do not. The client stays the same object, because a copy would lose the changes of its owner, a subclass or
 * an instrumentation.
 */
export function callThrough<T>(client: object, around: Around, call: () => T): T {
  install(client);
  return calls.run(around, call);
}

/** Replaces a client's `fetch` once, by one that asks the original. A client that does not allow it keeps its own. */
function install(client: { fetch?: unknown }): void {
  const { fetch } = client;
  if (typeof fetch !== "function" || dispatchers.has(fetch)) return;
  const original = fetch as Fetch;

  function dispatch(this: unknown, ...request: Parameters<Fetch>): Promise<Response> {
    const ask: Fetch = (...args) => calls.run(undefined, () => Reflect.apply(original, this, args));
    const around = calls.getStore();
    return around === undefined ? Reflect.apply(original, this, request) : around(ask)(...request);
  }
  dispatchers.add(dispatch);
  Reflect.set(client, "fetch", dispatch);
}
