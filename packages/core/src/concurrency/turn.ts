const HITS_PER_TURN = 256;

/**
 * Shares the event loop: a store may answer within one turn of it, so that a loop of hits would starve timers and sockets.
 */
export interface Turn {
  /** Counts a hit, and tells whether to wait for the next turn. */
  isOver(): boolean;
  next(): Promise<void>;
}

export function shareTurns(): Turn {
  let hits = 0;
  return {
    isOver() {
      hits += 1;
      return hits % HITS_PER_TURN === 0;
    },
    next: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
