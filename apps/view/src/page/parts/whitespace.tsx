import type { JSX } from "preact";
import { visible } from "./format.ts";

const SIGNS: Readonly<Record<string, readonly [sign: string, name: string, names: string]>> = {
  " ": ["␣", "space", "spaces"],
  "\n": ["↵", "line break", "line breaks"],
  "\t": ["⇥", "tab", "tabs"],
  "\u00a0": ["⍽", "no-break space", "no-break spaces"],
};
const OTHER = ["␣", "white space", "white spaces"] as const;

interface ChangedTextProps {
  readonly text: string;
  /** Whether line breaks stay besides their signs. */
  readonly hasBreaks?: boolean;
}

/** An added or removed text. White space has visible signs, and words for screen readers. */
export function ChangedText({ text, hasBreaks = false }: ChangedTextProps): JSX.Element {
  if (!/^\s+$/.test(text)) return <>{visible(text)}</>;
  const runs = text.replace(/\r\n/g, "\n").match(/(.)\1*/gsu)!;
  return (
    <>
      <span class="signs" aria-hidden="true">
        {runs.map((run) => signOf(run)[0].repeat(run.length)).join("")}
      </span>
      <span class="unseen">{runs.map(inWords).join(", ")}</span>
      {hasBreaks && text.replace(/[^\n]/g, "")}
    </>
  );
}

const signOf = (run: string): (typeof SIGNS)[string] => SIGNS[run[0]!] ?? OTHER;

function inWords(run: string): string {
  const [, name, names] = signOf(run);
  return run.length === 1 ? name : `${run.length} ${names}`;
}
