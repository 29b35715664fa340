import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { messageOf } from "../state/api.ts";
import { announce } from "./announcer.tsx";

interface CopyButtonProps {
  /** The text to copy, or a function that returns it. */
  readonly text: string | (() => Promise<string>);
  readonly label?: string;
  /** The name of the text, for the announcement. */
  readonly what: string;
}

/** Copies a text. */
export function CopyButton({ text, label = "Copy", what }: CopyButtonProps): JSX.Element {
  const said = useSignal("");
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : await text());
      said.value = "Copied";
      announce(`Copied ${what}`);
    } catch (error) {
      said.value = "Not copied";
      announce(`Not copied: ${messageOf(error)}`);
    }
    setTimeout(() => {
      said.value = "";
    }, 1_500);
  }
  return (
    <button type="button" class="button small" onClick={() => void copy()} title={`Copy ${what}`}>
      {said.value || label}
    </button>
  );
}
