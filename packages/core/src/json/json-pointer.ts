/** The path as a JSON Pointer (RFC 6901). */
export function jsonPointer(path: ReadonlyArray<string | number>): string {
  let pointer = "";
  for (const step of path) pointer += `/${typeof step === "string" ? escaped(step) : step}`;
  return pointer;
}

function escaped(name: string): string {
  return /[~/]/.test(name) ? name.replaceAll("~", "~0").replaceAll("/", "~1") : name;
}
