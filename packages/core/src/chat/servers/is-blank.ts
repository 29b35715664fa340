/** Whether a value is empty, blank, false or 0, or contains only such values. */
export function isBlank(value: unknown): boolean {
  if (typeof value === "string") return value.trim() === "";
  if (typeof value === "object" && value !== null) return Object.values(value).every(isBlank);
  return !value;
}
