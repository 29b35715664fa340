/** Lengths of time that the list offers. */
export const PERIODS: Readonly<Record<string, readonly [milliseconds: number, label: string]>> = {
  "1h": [3_600_000, "Last hour"],
  "24h": [86_400_000, "Last 24 hours"],
  "7d": [7 * 86_400_000, "Last 7 days"],
  "30d": [30 * 86_400_000, "Last 30 days"],
};

/** When a period has begun, or a day that the address names, in Unix milliseconds. */
export function sinceTime(since: string): number | undefined {
  const period = PERIODS[since];
  if (period !== undefined) return Date.now() - period[0];
  const time = /^\d{4}-\d\d-\d\d$/.test(since) ? Date.parse(`${since}T00:00`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
