const numbers = new Intl.NumberFormat("en-US");
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export const number = (value: number): string => numbers.format(value);

/** A short form of a number: `12.3K`. */
export const shortNumber = (value: number): string => (value < 10_000 ? number(value) : compact.format(value));

export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const cents = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const twoDigits = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 });

/** An amount of money, as the command writes it. */
export const dollars = (value: number): string => `$${(value >= 1 || value === 0 ? cents : twoDigits).format(value)}`;

/** A likeness, as the command writes it: only identical requests are 100 % alike. */
export const alike = (likeness: number): string => `${Math.floor(likeness * 100)} %`;

export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** A short form of a moment: the time of today, the day of this year, or the date. */
export function shortMoment(at: number | undefined, now: Date = new Date()): string {
  if (at === undefined) return "–";
  const date = new Date(at);
  if (date.toDateString() === now.toDateString()) return time.format(date);
  return date.getFullYear() === now.getFullYear() ? `${day.format(date)} ${time.format(date)}` : dayOfYear.format(date);
}

/** A moment to the second, in local time. */
export function moment(at: number | undefined): string {
  if (at === undefined) return "unknown";
  return new Date(at).toLocaleString("sv-SE");
}

/** Control characters, and those that turn the direction of what follows. */
const CONTROL = /[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text of a server or a model, with signs for characters that a reader would not see. */
export function visible(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code === 13) return ""; // Half of a line break.
    if (code < 32) return String.fromCharCode(0x2400 + code);
    return code === 127 ? "␡" : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A text in one line. */
export const oneLine = (text: string): string => visible(text.replace(/\s+/g, " ").trim());
