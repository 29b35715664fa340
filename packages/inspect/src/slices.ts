/** How long a scan works before it lets others of its process have a turn. */
const SLICE_MS = 4;

/**
 * Makes a function for the loop of a scan: now and then it returns what the loop has to wait for. A store that is read at once, as SQLite,
 * keeps a process from everything else otherwise until a scan of it ends: a server, from its other requests.
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
