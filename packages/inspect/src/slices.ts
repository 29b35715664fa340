/** How long a scan works before it yields to the event loop. */
const SLICE_MS = 4;

/**
 * Makes a function for the loop of a scan. Now and then it returns a promise, for which the loop has to wait. Otherwise a scan
 * of a synchronous store, such as SQLite, would block its process until the scan ends: a server could answer no other requests.
 */
export function createSlices(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < SLICE_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        began = performance.now();
        resolve();
      });
    });
  };
}
