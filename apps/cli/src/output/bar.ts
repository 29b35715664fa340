const BAR_COLUMNS = 16;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar as long as this share of the longest. */
export function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_COLUMNS * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** The same with two parts: a full one, and the rest of the whole in a lighter shade. */
export function partedBar(part: number, whole: number): string {
  const columns = Math.max(1, Math.round(whole * BAR_COLUMNS));
  const full = Math.min(columns, Math.round(part * BAR_COLUMNS));
  return "█".repeat(full) + "░".repeat(columns - full);
}
