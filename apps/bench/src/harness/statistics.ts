/** A figure that was taken several times. */
export interface Spread {
  readonly median: number;
  /** Half of the takes lie between these two. */
  readonly low: number;
  readonly high: number;
}

export function spreadOf(takes: readonly number[]): Spread {
  return { median: quantile(takes, 0.5), low: quantile(takes, 0.25), high: quantile(takes, 0.75) };
}

/** Between two takes: as far from the one to the other as the share lies between their places. */
export function quantile(takes: readonly number[], share: number): number {
  if (takes.length === 0) throw new Error("There is no figure of nothing.");
  const sorted = takes.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

/** Round by round: what disturbs the machine for a while disturbs both sides of a ratio. */
export function ratios(takes: readonly number[], floor: readonly number[]): number[] {
  return takes.map((take, round) => take / floor[round]!);
}
