import { createLinkedList, type LinkedList } from "../collections/linked-list.ts";

/**
 * Settles as the promise does, or rejects with the signal's reason if that is aborted first, even if the work itself ignores
 * the signal. Providers may use it, too: they must reject at once when they are aborted.
 */
export function raceSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    let isSettled = false;
    let stop: (() => void) | undefined;
    function settle(): void {
      isSettled = true;
      stop?.();
      if (signal!.aborted) abort();
    }
    promise.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
    if (signal.aborted) abort();
    // A hit settles before that, and adding a listener takes longer than reading the hit.
    process.nextTick(() => {
      if (isSettled) return;
      if (signal.aborted) abort();
      const listeners = listenersOf(signal);
      const node = listeners.append(abort);
      stop = () => listeners.remove(node);
    });
  });
}

/** One listener per signal: adding a listener gets slower with each one, and a batch shares one signal across all items. */
const listenersBySignal = new WeakMap<AbortSignal, LinkedList<() => void>>();

function listenersOf(signal: AbortSignal): LinkedList<() => void> {
  const known = listenersBySignal.get(signal);
  if (known !== undefined) return known;
  const listeners = createLinkedList<() => void>();
  listenersBySignal.set(signal, listeners);
  const abortAll = (): void => {
    for (const abort of listeners) abort();
  };
  signal.addEventListener("abort", abortAll, { once: true });
  return listeners;
}
