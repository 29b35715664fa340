import { AsyncLocalStorage } from "node:async_hooks";

type Fetch = typeof fetch;
type Around = (fetch: Fetch) => Fetch;

/** What to put around the `fetch` of clients that others use, too, during a call of ours. */
const calls = new AsyncLocalStorage<Around | undefined>();

/** The functions that `install` has put in place. */
const dispatchers = new WeakSet<object>();

/**
 * Runs a call of a client that is not ours. What the client fetches for it goes through `around`; what it fetches for its
 * owner, or for another call, does not. The client stays the same object, and so keeps what its owner, a subclass or an
 * instrumentation has made of it: a copy would not.
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
