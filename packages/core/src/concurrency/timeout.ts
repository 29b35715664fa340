import { createLinkedList, type Node } from "../collections/linked-list.ts";

const TICKS = 10;

/** Settles as the work does, or rejects with the error of `timedOut` if the work takes too long. */
export type Timeout = <T>(work: PromiseLike<T>, timedOut: () => Error) => Promise<T>;

interface Pending {
  /** The tick at which the time of the operation starts. */
  readonly since: number;
  giveUp(): void;
}

/**
 * Makes a timeout, in milliseconds, that any number of operations share. Stores may use it, too, because their backends can
 * hang. One timer counts ticks of a tenth of the timeout, so that a blocked event loop counts as at most one tick. Before
 * giving up, it yields once more to the event loop, so that a reply that has already arrived still wins. A pending operation
 * keeps the process alive.
 */
export function createTimeout(timeoutMs: number): Timeout {
  const pending = createLinkedList<Pending>();
  let ticks = 0;
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    ticks += 1;
    for (const { since, giveUp } of pending) if (ticks - since >= TICKS) setImmediate(giveUp);
    if (!pending.isEmpty()) return;
    clearInterval(timer);
    timer = undefined;
  }
  function add(giveUp: () => void): Node<Pending> {
    // The current tick is shorter than a whole one.
    const since = timer === undefined ? ticks : ticks + 1;
    if (timer === undefined) timer = setInterval(tick, timeoutMs / TICKS);
    else if (pending.isEmpty()) timer.ref();
    return pending.append({ since, giveUp });
  }
  function remove(node: Node<Pending>): void {
    pending.remove(node);
    if (pending.isEmpty()) timer?.unref();
  }

  return (work, timedOut) =>
    new Promise((resolve, reject) => {
      const node = add(() => {
        remove(node);
        reject(timedOut());
      });
      work.then(
        (result) => {
          remove(node);
          resolve(result);
        },
        (error) => {
          remove(node);
          reject(error);
        },
      );
    });
}
