import { signal } from "@preact/signals";
import type { JSX } from "preact";

const said = signal("");

/** Announces an event, also to users of a screen reader. */
export function announce(text: string): void {
  said.value = text;
}

export function Announcer(): JSX.Element {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {said}
    </div>
  );
}
