export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** An amount of money with as many digits as say something. */
export function dollars(value: number): string {
  if (value >= 1 || value === 0)
    return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumSignificantDigits: 2 })}`;
}
