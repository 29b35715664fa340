/** Finds how many calls should run at a time. */
export interface Growth {
  /** The number to begin with. */
  readonly first: number;
  /** Records the end of a call, and returns how many more may run now. `isBusy`: whether other calls wait for their turn. */
  ended(isBusy: boolean): number;
}

const FIRST = 8;
const MOST = 256;
/** How much faster calls must end after the number was doubled. */
const FASTER = 1.25;
/** The number of rounds in a row that may be no faster: one slow call can delay a round. */
const MAX_SLOW_ROUNDS = 2;

/** Doubles the number of calls, as long as noticeably more of them end in the same time. */
export function createGrowth(): Growth {
  let limit = FIRST;
  let endedInRound = 0;
  let roundStartedAt = performance.now();
  let fastest = 0;
  let slowRounds = 0;

  function startRound(): void {
    endedInRound = 0;
    roundStartedAt = performance.now();
  }
  return {
    first: FIRST,
    ended(isBusy) {
      if (limit === MOST || slowRounds === MAX_SLOW_ROUNDS) return 0;
      if (!isBusy) {
        startRound(); // With fewer calls than may run, their speed says nothing about the limit.
        return 0;
      }
      endedInRound += 1;
      if (endedInRound < limit) return 0;
      const pace = endedInRound / (performance.now() - roundStartedAt);
      startRound();
      if (pace < fastest * FASTER) {
        slowRounds += 1;
        return 0;
      }
      fastest = pace;
      slowRounds = 0;
      const more = limit;
      limit *= 2;
      return more;
    },
  };
}
