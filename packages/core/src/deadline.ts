/**
 * The outcome of the work, or what `late` makes once it has taken longer. An event loop that was blocked meanwhile gets
 * one more turn, for what has arrived already. For stores too, whose backend can hang.
 */
export function withinDeadline<T>(work: PromiseLike<T>, limitMs: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(late())), limitMs);
    work.then(resolve, reject).then(() => clearTimeout(timer));
  });
}
