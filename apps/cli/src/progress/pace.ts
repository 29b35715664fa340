/** The speed at which a count grows. */
export interface Pace {
  /** Takes the present count. Undefined until it has grown for a second. */
  perSecond(count: number): number | undefined;
}

const MARK_MS = 1_000;
const WINDOW_MS = 30_000;

/** The pace of the last half minute, so that a start with many hits is soon forgotten. */
export function createPace(now: () => number = () => performance.now()): Pace {
  const marks = [{ at: now(), count: 0 }];
  return {
    perSecond(count) {
      const at = now();
      if (at - marks.at(-1)!.at >= MARK_MS) marks.push({ at, count });
      while (marks.length > 1 && marks[1]!.at <= at - WINDOW_MS) marks.shift();
      const [first] = marks;
      const seconds = (at - first!.at) / 1_000;
      const grown = count - first!.count;
      return seconds < 1 || grown <= 0 ? undefined : grown / seconds;
    },
  };
}
