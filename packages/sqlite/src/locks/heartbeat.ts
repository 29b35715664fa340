/** Shows others that this process still holds its locks, and finds out when it does not. */
export interface Heartbeat {
  start(path: string): Pulse;
}

export interface Pulse {
  /** Aborted once the file is found to be gone. */
  readonly lost: AbortSignal;
  stop(): void;
}

/** One timer for all files, as long as there are any; it keeps no process alive. `touch` is false for a file that is gone. */
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
      return true; // Nobody can say; the next beat tries again.
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
