import type { JSX } from "preact";
import { number } from "../parts/format.ts";
import { list } from "../state/entries.ts";
import { compareAddress, go, MOST_COMPARED } from "../state/route.ts";
import { select, selection } from "../state/selection.ts";
import { ExportDelete } from "./export-delete.tsx";

/** The actions on the selected entries. */
export function SelectionBar(): JSX.Element {
  const { value: chosen } = selection;
  const { rows } = list.value;
  return (
    <div class="sums selected">
      <span>
        <b>{number(chosen.size)}</b> selected
      </span>
      <button
        type="button"
        class="button small"
        disabled={chosen.size < 2 || chosen.size > MOST_COMPARED}
        title={`Compare 2 to ${MOST_COMPARED} entries`}
        onClick={() => go(compareAddress(chosen))}
      >
        Compare
      </button>
      <ExportDelete keys={[...chosen]} />
      {chosen.size < rows.length && (
        <button type="button" class="button quiet small" onClick={() => select(rows.map(({ key }) => key))}>
          Select all {number(rows.length)}
        </button>
      )}
      <button type="button" class="button quiet small" onClick={() => select([])}>
        Clear
      </button>
    </div>
  );
}
