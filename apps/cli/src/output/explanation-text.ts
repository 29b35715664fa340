import type { Difference, Explanation, NearestEntry, WordChange } from "@remem/inspect";
import type { JsonValue } from "remem";
import { number } from "../progress/figures.ts";
import { age, entryCount } from "./amounts.ts";
import type { Printer } from "./printer.ts";

const KEY_LENGTH = 12;
/** A longer value is cut. */
const LONGEST = 160;

/** The place where a user changes the request: flags of the command, or its body. */
export type AskedBy = "flags" | "body";

/** Formats an explanation for people. */
export function explanationText(explanation: Explanation, place: string, printer: Printer, askedBy: AskedBy): string {
  const { key, isStored, nearest, compared, skipped } = explanation;
  const shortKey = key.slice(0, KEY_LENGTH);
  if (isStored) return `${printer.style("green", "stored")}: remem show ${shortKey}\n`;
  const others = skipped === 0 ? "" : `; ${number(skipped)} more were stored without their requests, or are damaged`;
  const head = `${printer.style("yellow", "not stored")}: ${shortKey} is not in ${printer.line(place)}\n`;
  if (compared === 0) return `${head}There is no entry to compare it with${others}.\n`;
  const intro = `The nearest of ${entryCount(compared)}${others}:\n`;
  return head + intro + nearest.map((entry) => entryText(entry, printer, askedBy)).join("");
}

function entryText(
  { key, createdAt, writer, likeness, differences }: NearestEntry,
  printer: Printer,
  askedBy: AskedBy,
): string {
  const { style } = printer;
  const when = writer === "python" ? "written by CacheOpenAI" : `written ${age(createdAt)} ago`;
  const title = `\n${style("bold", key.slice(0, KEY_LENGTH))}  ${percent(likeness)} alike, ${when}\n`;
  if (differences.length === 0) return `${title}  ${noDifference(writer)}\n`;
  const lines = differences.map((difference) => differenceText(difference, printer));
  const advice = new Set(differences.flatMap((difference) => adviceFor(difference, askedBy)));
  return title + lines.join("") + [...advice].map((line) => `  ${style("dim", `→ ${line}`)}\n`).join("");
}

function noDifference(writer: NearestEntry["writer"]): string {
  return writer === "python"
    ? "has the same messages. → --python-keys finds it, if Python's model, seed and temperature were the same"
    : "has the same request, and was keyed by other numbers. → --python-keys, if Python's keys were meant";
}

function differenceText({ path, stored, asked, words }: Difference, printer: Printer): string {
  const { shown, style } = printer;
  const name = `  ${style("cyan", shown(path))}`;
  if (words !== undefined) return `${name}\n${words.map((change) => `    ${wordsText(change, printer)}\n`).join("")}`;
  if (stored === undefined) return `${name}  only asked: ${style("green", valueText(asked, printer))}\n`;
  if (asked === undefined) return `${name}  only stored: ${style("red", valueText(stored, printer))}\n`;
  return `${name}  stored ${style("red", valueText(stored, printer))}, asked ${style("green", valueText(asked, printer))}\n`;
}

/** `…of France [-please-] {+now+}`, as `git diff --word-diff` writes it. */
function wordsText({ before, stored, asked }: WordChange, { line, style }: Printer): string {
  const cut = (text: string): string => JSON.stringify(shortened(text)).slice(1, -1);
  const changes = [
    stored && style("red", `[-${line(cut(visible(stored)))}-]`),
    asked && style("green", `{+${line(cut(visible(asked)))}+}`),
  ];
  return `…${line(cut(before))} ${changes.filter((change) => change !== "").join(" ")}`;
}

/** A change that consists of blanks would be invisible. JSON escapes some blanks, such as a tab, which are visible then. */
function visible(text: string): string {
  if (text.trim() !== "") return text;
  return text.replace(/[^\S\n\r\t]/gu, (blank) =>
    blank === " " ? "␣" : `U+${blank.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

function valueText(value: JsonValue | undefined, { line }: Printer): string {
  return line(shortened(JSON.stringify(value ?? null)));
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${number(text.length)} characters)`;
}

function percent(likeness: number): string {
  return `${Math.floor(likeness * 100)} %`;
}

/** The changes that make the request the stored one. */
function adviceFor({ path, stored, asked, words }: Difference, askedBy: AskedBy): string[] {
  if (path === "scope")
    return ["another server has answered: ask it by --base-url, or share answers with `scope: false`"];
  if (path === "sample")
    return [`it is answer ${number(Number(stored ?? 0))} of several: option \`sample\`, or --samples`];
  if (path.startsWith("floats"))
    return ["whole numbers were keyed as Python wrote them: --python-keys, or the option `floats`"];
  if (path === "surface") return ["it is the answer to a request of another API"];
  if (path === "model")
    return [`another model has answered: ${askedBy === "flags" ? "--model " : ""}${JSON.stringify(stored)}`];
  const isParameter = /^\w+$/.test(path) && words === undefined && isShort(stored);
  if (isParameter && asked === undefined)
    return [
      `${askedBy === "flags" ? `--param ${path}='${JSON.stringify(stored)}'` : `${path}: ${JSON.stringify(stored)}`} asks for the stored one`,
    ];
  if (isParameter && stored === undefined) return [`leave out ${path} to ask for the stored one`];
  return [];
}

/** Users do not type longer values. */
function isShort(value: JsonValue | undefined): boolean {
  return JSON.stringify(value ?? null).length <= 60;
}
