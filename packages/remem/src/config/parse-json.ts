import { memberPath, type Parser, type Problem, TOO_DEEP, twice } from "./parsed.ts";

const SPACE = /[ \t\r\n]*/y;
const TEXT = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"/iuy;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const MAX_DEPTH = 100;

/**
 * Parses JSON. Unlike `JSON.parse` it reports lines and duplicate members, and its errors quote nothing of the text, which may contain
 * a password.
 */
export const parseJson: Parser = (text, _, fail) => {
  const lines = new Map<string, number>();
  const problems: Problem[] = [];
  let at = 0;
  let line = 1;
  let counted = 0;

  /** Returns the line of `at`, counting on from the last call. */
  function currentLine(): number {
    for (; counted < at; counted++) if (text[counted] === "\n") line += 1;
    return line;
  }

  function failHere(problem: string): never {
    return fail(currentLine(), problem);
  }

  function matches(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) at += found.length;
    return found;
  }

  /** Consumes this character, and the space before it, if it comes next. */
  function takes(character: string): boolean {
    matches(SPACE);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  }

  function readValue(path: readonly string[]): void {
    if (path.length > MAX_DEPTH) failHere(TOO_DEEP);
    let index = 0;
    if (takes("{")) readItems("}", () => readMember(path));
    else if (takes("[")) readItems("]", () => readValue([...path, String(index++)]));
    else if (matches(TEXT) === undefined && matches(SCALAR) === undefined) failHere(hint(text, at, "a value"));
  }

  function readItems(end: string, readItem: () => void): void {
    if (takes(end)) return;
    do readItem();
    while (takes(","));
    if (!takes(end)) failHere(hint(text, at, `a comma or ${end}`));
  }

  function readMember(path: readonly string[]): void {
    matches(SPACE);
    const line = currentLine();
    const name = matches(TEXT);
    if (name === undefined) failHere(hint(text, at, "a name in double quotes"));
    if (!takes(":")) failHere(hint(text, at, "a colon"));
    const parts = [...path, JSON.parse(name) as string];
    const member = memberPath(parts);
    if (lines.has(member)) problems.push({ line, text: twice(member) });
    lines.set(member, line);
    readValue(parts);
  }

  matches(SPACE);
  if (at === text.length) failHere("The file is empty. Use {} for no settings.");
  readValue([]);
  matches(SPACE);
  if (at < text.length) failHere(hint(text, at, "the end of the file"));
  return { value: JSON.parse(text), lines, problems };
};

/** Describes the problem at a place where the parser expected something else. */
function hint(text: string, at: number, expected: string): string {
  const rest = text.slice(at, at + 2);
  const before = text.slice(0, at).trimEnd().at(-1);
  if (/^(\/\/|\/\*|#)/.test(rest)) return "JSON does not allow comments. A file that ends with .yaml does.";
  if (before === "," && /^[}\]]/.test(rest)) return `JSON does not allow a comma before ${rest[0]}.`;
  if (rest.startsWith("'")) return "JSON does not allow single quotes. Use double quotes.";
  if (rest.startsWith('"'))
    return expected.includes("comma")
      ? "A comma is missing here."
      : "Unterminated string, or an invalid character in it.";
  return rest === "" ? `Unexpected end of the file: expected ${expected}.` : `Invalid JSON: expected ${expected}.`;
}
