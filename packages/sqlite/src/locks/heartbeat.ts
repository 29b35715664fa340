/** Shows other processes that this one still holds its locks, and detects their loss. */
export interface Heartbeat {
  start(path: string): Pulse;
}

export interface Pulse {
  /** Aborts when the file no longer exists. */
  readonly lost: AbortSignal;
  stop(): void;
}

/**
 * Uses one timer for all files, which does not keep the process alive. `touch` returns false if the file no longer
 * exists.
 */
export function createHeartbeat(touch: (path: string) => boolean, beatMs: number, reason: () => Error): Heartbeat {
  const controllers = new Map<string, AbortController>();
  let timer: NodeJS.Timeout | undefined;

  function beat(): void {
    for (const [path, controller] of controllers) {
      if (exists(path)) continue;
      stop(path);
      controller.abort(reason());
    }
  }
  function exists(path: string): boolean {
    try {
      return touch(path);
    } catch {
      return true; // Unknown: the next beat tries again.
    }
  }
  function stop(path: string): void {
    controllers.delete(path);
    if (controllers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    start(path) {
      const controller = new AbortController();
      controllers.set(path, controller);
      timer ??= setInterval(beat, beatMs).unref();
      return { lost: controller.signal, stop: () => stop(path) };
    },
  };
}
