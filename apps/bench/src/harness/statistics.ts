/** A figure that was measured several times. */
export interface Spread {
  readonly median: number;
  /** Half of the measurements lie between these two. */
  readonly low: number;
  readonly high: number;
}

export function spreadOf(takes: readonly number[]): Spread {
  return { median: quantile(takes, 0.5), low: quantile(takes, 0.25), high: quantile(takes, 0.75) };
}

/** Interpolates linearly between the two nearest measurements. */
export function quantile(takes: readonly number[], share: number): number {
  if (takes.length === 0) throw new Error("A quantile needs at least one measurement.");
  const sorted = takes.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

/** Ratios round by round: a disturbance of the machine affects both sides of a ratio. */
export function ratios(takes: readonly number[], floor: readonly number[]): number[] {
  return takes.map((take, round) => take / floor[round]!);
}
