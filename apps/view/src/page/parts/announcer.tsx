import { signal } from "@preact/signals";
import type { JSX } from "preact";

const said = signal("");

/** Tells something that has happened, also to those who hear the page. */
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
