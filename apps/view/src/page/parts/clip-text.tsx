import type { JSX } from "preact";
import type { Clip } from "../../wire.ts";
import { number, visible } from "./format.ts";

/** A text as it is, with its line breaks. */
export function ClipText({ clip }: { readonly clip: Clip }): JSX.Element {
  return (
    <>
      <div class="said">{visible(clip.text)}</div>
      <CutNote clip={clip} />
    </>
  );
}

/** Says that a text is cut off. */
export function CutNote({ clip: { text, cutFrom } }: { readonly clip: Clip }): JSX.Element | null {
  if (cutFrom === undefined) return null;
  return (
    <p class="note">
      The first {number(text.length)} of {number(cutFrom)} characters. The raw entry has all of them.
    </p>
  );
}
