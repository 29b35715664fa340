/** Waits for the promise, but at most `ms` milliseconds. Rejects as the promise does. */
export async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  const { promise: pause, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([promise, pause]);
  } finally {
    clearTimeout(timer);
  }
}
