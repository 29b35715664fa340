/** Writes the UTF-16 units that `units` matches, `%` always being one of them, as `%` and four hexadecimal digits. */
export function escapeUnits(text: string, units: RegExp): string {
  return text.replace(units, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function unescapeUnits(text: string): string {
  return text.replace(/%([0-9a-f]{4})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}
