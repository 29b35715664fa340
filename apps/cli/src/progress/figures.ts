export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** An amount of money in dollars and cents, or, below a dollar, with two significant digits. */
export function dollars(value: number): string {
  if (value >= 1 || value === 0)
    return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumSignificantDigits: 2 })}`;
}

/** A time to wait, rounded up. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.ceil(whole / 60);
  return minutes < 60 ? `${minutes}min` : `${Math.floor(minutes / 60)}h ${minutes % 60}min`;
}
