const STEPS = 10;

/**
 * The outcome of the work, or what `late` makes once the work has taken `limitMs`. It is counted in steps, so that however
 * long others block the event loop, it costs the work one step; and the work has one turn more, for what has arrived by
 * then. For stores too, whose backend can hang.
 */
export function withinDeadline<T>(work: PromiseLike<T>, limitMs: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    let steps = 0;
    const timer = setInterval(() => {
      steps += 1;
      if (steps < STEPS) return;
      clearInterval(timer);
      setImmediate(() => reject(late()));
    }, limitMs / STEPS);
    work.then(resolve, reject).then(() => clearInterval(timer));
  });
}
