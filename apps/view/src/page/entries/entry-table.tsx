import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { list } from "../state/entries.ts";
import { route, setParams } from "../state/route.ts";
import { active, selection } from "../state/selection.ts";
import type { SortName } from "../state/sorting.ts";
import { EntryRow } from "./entry-row.tsx";
import { useVirtual } from "./use-virtual.ts";

const HEAD = 30;
const LOW = 32;
/** In a narrow window a row has two lines. */
const HIGH = 58;
const NARROW = 640;

const COLUMNS: ReadonlyArray<readonly [label: string, sort: SortName | undefined, column: string]> = [
  ["", undefined, "mark"],
  ["When", "when", "when"],
  ["Model", "model", "model"],
  ["Surface", undefined, "surface"],
  ["Question", undefined, "prompt"],
  ["Answer", undefined, "response"],
  ["Tokens", "tokens", "tokens"],
  ["Cost", "cost", "cost"],
  ["Size", "size", "size"],
];

/** A table that has only its visible rows in the page. */
export function EntryTable(): JSX.Element {
  const { rows } = list.value;
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow(scroller);
  const { first, last, start, height, show } = useVirtual(scroller, rows.length, isNarrow ? HIGH : LOW, HEAD);
  const at = Math.min(active.value, Math.max(rows.length - 1, 0));
  useEffect(() => {
    if (rows.length > 0) show(at);
  }, [at]);
  const opened = route.value.view === "entry" ? route.value.key : undefined;
  const { value: chosen } = selection;
  return (
    <div
      ref={scroller}
      class="grid"
      role="grid"
      tabIndex={0}
      aria-label="Stored entries"
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={rows.length > 0 ? `row-${at}` : undefined}
    >
      <div role="rowgroup" class="grid-head">
        <div role="row" class="row" aria-rowindex={1} tabIndex={-1}>
          {COLUMNS.map(([label, sort, column]) => (
            <Heading key={column} label={label} sort={sort} column={column} />
          ))}
        </div>
      </div>
      <div role="rowgroup" class="grid-body" style={{ height: `${height}px` }}>
        <div class="grid-window" role="presentation" style={{ transform: `translateY(${start}px)` }}>
          {rows.slice(first, last).map((row, offset) => (
            <EntryRow
              key={first + offset}
              row={row}
              index={first + offset}
              isActive={first + offset === at}
              isOpen={row.key === opened}
              isChosen={chosen.has(row.key)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface HeadingProps {
  readonly label: string;
  readonly sort: SortName | undefined;
  readonly column: string;
}

/** The first click puts the greatest first, the second the least, and the third the newest. */
function Heading({ label, sort, column }: HeadingProps): JSX.Element {
  const { sort: current = "" } = route.value.params;
  const direction = current === sort ? "ascending" : current === `-${sort}` ? "descending" : undefined;
  const next = direction === undefined ? `-${sort}` : direction === "descending" ? `${sort}` : "";
  return (
    <div role="columnheader" class={`cell ${column}`} aria-sort={direction} tabIndex={-1}>
      {sort === undefined ? (
        label || <span class="unseen">Selected</span>
      ) : (
        <button type="button" class="sort" tabIndex={-1} onClick={() => setParams({ sort: next })}>
          {label}
          <span aria-hidden="true">{direction === "ascending" ? " ↑" : direction === "descending" ? " ↓" : ""}</span>
        </button>
      )}
    </div>
  );
}

function useIsNarrow(element: { readonly current: HTMLElement | null }): boolean {
  const [isNarrow, setNarrow] = useState(innerWidth < NARROW);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      // A hidden table has no width, which is not narrow.
      if (entry!.contentRect.width > 0) setNarrow(entry!.contentRect.width < NARROW);
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element]);
  return isNarrow;
}
