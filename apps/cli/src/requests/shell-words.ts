/** The characters that `\n` and the like stand for between `$'` and `'`. */
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** The next piece of a command: a quoted text, an escaped character, or any other text. */
const PIECE = /\$'((?:[^'\\]|\\.)*)'|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(\r?\n)|\\(.)|([^\s'"\\$]+|\$)|(\s+)/gsy;

/** The words of a command as a POSIX shell reads them, without variables. Undefined if a quote has no end. */
export function shellWords(command: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let end = 0;
  for (const [piece, ansi, single, double, lineEnd, escaped, plain, blank] of command.matchAll(PIECE)) {
    end += piece.length;
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (lineEnd === undefined) {
      const text = ansi?.replace(/\\(u[\da-f]{4}|x[\da-f]{2}|.)/gis, unescaped) ?? single ?? escaped ?? plain;
      word = (word ?? "") + (text ?? double!.replace(/\\(?:\r?\n|([$`"\\]))/g, "$1"));
    }
  }
  if (word !== undefined) words.push(word);
  return end === command.length ? words : undefined;
}

function unescaped(_: string, code: string): string {
  return code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code);
}
