import { InvalidArgumentError } from "commander";

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** A length of time in milliseconds: `90s`, `15m`, `2h`, `7d`, `4w`. */
export function duration(text: string): number {
  const milliseconds = durationIn(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError("It must be a length of time such as 15m, 2h, 7d or 4w.");
}

/** A moment in Unix milliseconds: a date, a date with a time, or a length of time before now. */
export function moment(text: string): number {
  const ago = durationIn(text);
  if (ago !== undefined) return Date.now() - ago;
  // A date alone would be taken for midnight in UTC.
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00` : text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new InvalidArgumentError(
    "It must be a date (2026-01-31), a date and a time (2026-01-31T18:00), or how long ago (2h, 7d).",
  );
}

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** A number of bytes: `500MB`, `2GiB`, `1000`. */
export function byteCount(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = BYTES[unit.toLowerCase()];
  if (number !== undefined && factor !== undefined) return Math.floor(Number(number) * factor);
  throw new InvalidArgumentError("It must be a number of bytes such as 500MB, 2GB or 64MiB.");
}

function durationIn(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS_MS[unit]!;
}
