import { createRoster, type Place } from "../collections/linked-list.ts";

const STEPS = 10;

/** The outcome of the work, or the error that `late` makes where that takes too long. */
export type Deadline = <T>(work: PromiseLike<T>, late: () => Error) => Promise<T>;

interface Waiting {
  /** The step from which on it counts. */
  readonly since: number;
  giveUp(): void;
}

/**
 * A time limit in milliseconds for any number of pieces of work, for stores too, whose backend can hang. It is counted in
 * steps of a tenth, by one timer for all, so that however long others block the event loop, it costs the work one step;
 * and the work has one turn more, for what has arrived by then. What is waited for keeps the process alive.
 */
export function createDeadline(limitMs: number): Deadline {
  const waiting = createRoster<Waiting>();
  let steps = 0;
  let timer: NodeJS.Timeout | undefined;

  function step(): void {
    steps += 1;
    for (const { since, giveUp } of waiting) if (steps - since >= STEPS) setImmediate(giveUp);
    if (!waiting.isEmpty()) return;
    clearInterval(timer);
    timer = undefined;
  }
  function add(giveUp: () => void): Place<Waiting> {
    // A step that is under way is short of its length.
    const since = timer === undefined ? steps : steps + 1;
    if (timer === undefined) timer = setInterval(step, limitMs / STEPS);
    else if (waiting.isEmpty()) timer.ref();
    return waiting.add({ since, giveUp });
  }
  function remove(place: Place<Waiting>): void {
    waiting.remove(place);
    if (waiting.isEmpty()) timer?.unref();
  }

  return (work, late) =>
    new Promise((resolve, reject) => {
      const place = add(() => {
        remove(place);
        reject(late());
      });
      work.then(
        (result) => {
          remove(place);
          resolve(result);
        },
        (error) => {
          remove(place);
          reject(error);
        },
      );
    });
}
