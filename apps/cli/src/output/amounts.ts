/** Formats a number of bytes for people. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

const STEPS: ReadonlyArray<readonly [unit: string, seconds: number]> = [
  ["y", 365 * 86_400],
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
];

/** How long ago this was, in its largest unit. */
export function age(time: number | undefined, now: number = Date.now()): string {
  if (time === undefined) return "?";
  const seconds = Math.max(0, Math.floor((now - time) / 1_000));
  const [unit, length] = STEPS.find(([, length]) => seconds >= length) ?? ["s", 1];
  return `${Math.floor(seconds / length)}${unit}`;
}

/** A moment in local time, to the second. */
export function clockTime(time: number): string {
  return new Date(time).toLocaleString("sv-SE");
}

/** Formats a moment for programs. */
export function isoTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** `1 entry`, `2,000 entries`. */
export function entryCount(count: number): string {
  return count === 1 ? "1 entry" : `${count.toLocaleString("en-US")} entries`;
}
