/** A Map whose every method throws once it is broken. */
export class BreakableMap extends Map<string, unknown> {
  break(): void {
    for (const method of ["get", "set", "delete", "has", "clear", "keys", "entries", Symbol.iterator] as const) {
      this[method] = () => {
        throw new Error("The Map is broken.");
      };
    }
  }
}
