/** Copies a value that comes from `JSON.parse`. It needs none of the checks of `plainJson`, and takes half its time. */
export function copyJson<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  return (Array.isArray(value) ? value.map(copyJson) : copyObject(value)) as T;
}

function copyObject(object: object): object {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    const value = copyJson((object as Record<string, unknown>)[name]);
    // Assigning to it would set the prototype.
    if (name === "__proto__")
      Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
    else copy[name] = value;
  }
  return copy;
}
