import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { visible } from "../parts/format.ts";

/** Laying out a longer text takes too long. */
const LONGEST = 100_000;

/** A text rendered as Markdown, without anything that loads, leads elsewhere or runs. */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isOver = false;
    if (text.length > LONGEST) place.current!.textContent = visible(text);
    else {
      void import("./sanitized.ts").then(({ sanitized }) => {
        if (!isOver) place.current?.replaceChildren(sanitized(visible(text)));
      });
    }
    return () => {
      isOver = true;
    };
  }, [text]);
  return <div ref={place} class="markdown" />;
}
