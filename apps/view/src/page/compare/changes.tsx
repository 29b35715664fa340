import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { visible } from "../parts/format.ts";
import { ChangedText } from "../parts/whitespace.tsx";

interface ChangesProps {
  readonly from: string;
  readonly to: string;
}

interface Change {
  readonly value: string;
  readonly added: boolean;
  readonly removed: boolean;
}

/** Texts that differ in more words count as unrelated. */
const MOST_EDITS = 4_000;
const LONGEST = 60_000;
const PATIENCE_MS = 400;
/** In texts that have less in common, marks would be unreadable. */
const LEAST_LIKENESS = 0.3;

/** The second text, with the words that are new in it and those that it has lost. */
export function Changes({ from, to }: ChangesProps): JSX.Element {
  const changes = useSignal<readonly Change[] | undefined>(undefined);
  const isOther = useSignal(false);
  useEffect(() => {
    let isOver = false;
    void import("diff").then(({ diffWordsWithSpace }) => {
      if (isOver) return;
      const options = { maxEditLength: MOST_EDITS, timeout: PATIENCE_MS };
      const [one, two] = [from.slice(0, LONGEST), to.slice(0, LONGEST)];
      const found = from === to ? undefined : diffWordsWithSpace(one, two, options);
      changes.value = found !== undefined && likenessOf(found) >= LEAST_LIKENESS ? found : undefined;
      isOther.value = from !== to && changes.value === undefined;
    });
    return () => {
      isOver = true;
    };
  }, [from, to]);
  if (from === to) return <Same text={to} note="The same, word for word." />;
  if (isOther.value)
    return <Same text={to} note="This answer has too little in common with the first to mark words." />;
  if (changes.value === undefined) return <Same text={to} />;
  return (
    <div class="said">
      {changes.value.map(({ value, added, removed }, index) =>
        added ? (
          <ins key={index}>
            <ChangedText text={value} hasBreaks />
          </ins>
        ) : removed ? (
          <del key={index}>
            <ChangedText text={value} />
          </del>
        ) : (
          visible(value)
        ),
      )}
      {to.length > LONGEST && <p class="note">The first {LONGEST} characters were compared.</p>}
    </div>
  );
}

/** The share of the letters and digits of two texts that they have in common, from 0 to 1. */
function likenessOf(changes: readonly Change[]): number {
  let [shared, all] = [0, 0];
  for (const { value, added, removed } of changes) {
    const count = value.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
    all += added || removed ? count : 2 * count;
    if (!added && !removed) shared += 2 * count;
  }
  return all === 0 ? 1 : shared / all;
}

function Same({ text, note }: { readonly text: string; readonly note?: string }): JSX.Element {
  return (
    <>
      {note !== undefined && <p class="note">{note}</p>}
      <div class="said">{visible(text)}</div>
    </>
  );
}
