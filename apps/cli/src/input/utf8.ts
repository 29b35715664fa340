const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The problem of a text that `textOf` cannot read. */
export const NOT_UTF8 = "is not valid UTF-8; save the file as UTF-8";

/** The text of these bytes, without a byte-order mark; undefined if they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
