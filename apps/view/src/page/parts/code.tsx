import type { JSX } from "preact";
import type { Clip } from "../../wire.ts";
import { ClipText } from "./clip-text.tsx";

/** A text with its own scrolling, which the keyboard reaches, too. */
export function Code({ clip, label }: { readonly clip: Clip; readonly label: string }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section class="code" tabIndex={0} aria-label={label}>
      <ClipText clip={clip} />
    </section>
  );
}
