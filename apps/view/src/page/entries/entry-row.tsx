import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Row } from "../../wire.ts";
import { Cost } from "../entry/cost.tsx";
import { bytes, moment, oneLine, shortMoment, shortNumber } from "../parts/format.ts";
import { entryAddress, go } from "../state/route.ts";
import { active, toggle } from "../state/selection.ts";

interface EntryRowProps {
  readonly row: Row;
  readonly index: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly isChosen: boolean;
}

/** One line of the table. It is rendered again only if it has changed. */
export function EntryRow({ row, index, isActive, isOpen, isChosen }: EntryRowProps): JSX.Element {
  return useMemo(
    () => <Line row={row} index={index} isActive={isActive} isOpen={isOpen} isChosen={isChosen} />,
    [row, index, isActive, isOpen, isChosen],
  );
}

function Line({ row, index, isActive, isOpen, isChosen }: EntryRowProps): JSX.Element {
  const { key, model = "", surface = "", prompt, response, tokens, createdAt } = row;
  function open(event: MouseEvent): void {
    active.value = index;
    if (event.shiftKey || event.ctrlKey || event.metaKey) toggle(key);
    else go(entryAddress(key));
  }
  const isSound = row.kind === "entry";
  return (
    <div
      role="row"
      id={`row-${index}`}
      class={`row${isActive ? " active" : ""}${isOpen ? " open" : ""}`}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      onClick={open}
    >
      <div role="gridcell" class="cell mark">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={isChosen}
          aria-label={`Select entry ${index + 1}`}
          onClick={(event) => {
            event.stopPropagation();
            active.value = index;
            toggle(key);
          }}
        />
      </div>
      <div role="gridcell" class="cell when" title={createdAt === undefined ? undefined : moment(createdAt)}>
        {shortMoment(createdAt)}
      </div>
      <div role="gridcell" class="cell model">
        {oneLine(model) || "–"}
        {row.sample ? <span class="sample"> #{row.sample}</span> : null}
      </div>
      <div role="gridcell" class="cell surface">
        {oneLine(surface)}
      </div>
      <div role="gridcell" class={`cell prompt${isSound ? "" : " broken"}`}>
        {isSound ? (
          prompt === undefined ? (
            <i>the request was not kept</i>
          ) : (
            oneLine(prompt)
          )
        ) : (
          `${row.kind}: ${row.problem}`
        )}
      </div>
      <div role="gridcell" class="cell response">
        {oneLine(response ?? "")}
      </div>
      <div role="gridcell" class="cell tokens">
        {tokens && `${shortNumber(tokens.prompt)} / ${shortNumber(tokens.completion)}`}
      </div>
      <div role="gridcell" class="cell cost">
        <Cost entry={row} />
      </div>
      <div role="gridcell" class="cell size">
        {bytes(row.bytes)}
      </div>
    </div>
  );
}
