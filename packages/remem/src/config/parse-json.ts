import { memberPath, type Parser, type Problem, TOO_DEEP, twice } from "./parsed.ts";

const SPACE = /[ \t\r\n]*/y;
const TEXT = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"/iuy;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const MAX_DEPTH = 100;

/**
 * Reads JSON. Unlike `JSON.parse` it tells the lines of members, finds those that are there twice, and quotes nothing of the text
 * in an error, because a password may be near.
 */
export const parseJson: Parser = (text, _, fail) => {
  const lines = new Map<string, number>();
  const problems: Problem[] = [];
  let at = 0;
  let line = 1;
  let counted = 0;

  /** The line of the current place, counted from the last place that was asked for. */
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

  /** Moves past this character and the space before it, if it comes next. */
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
  if (at === text.length) failHere("The file is empty. An object without members is {}.");
  readValue([]);
  matches(SPACE);
  if (at < text.length) failHere(hint(text, at, "the end of the file"));
  return { value: JSON.parse(text), lines, problems };
};

/** What is wrong at a place where something else should be. */
function hint(text: string, at: number, expected: string): string {
  const rest = text.slice(at, at + 2);
  const before = text.slice(0, at).trimEnd().at(-1);
  if (/^(\/\/|\/\*|#)/.test(rest)) return "JSON has no comments. A file that ends with .yaml may have some.";
  if (before === "," && /^[}\]]/.test(rest)) return `JSON allows no comma before ${rest[0]}.`;
  if (rest.startsWith("'")) return "JSON takes double quotes, not single ones.";
  if (rest.startsWith('"'))
    return expected.includes("comma")
      ? "A comma is missing before this."
      : "This text has no end, or an invalid character in it.";
  return rest === ""
    ? `The file ends where there should be ${expected}.`
    : `This is not JSON: here should be ${expected}.`;
}
