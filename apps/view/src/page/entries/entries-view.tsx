import type { JSX } from "preact";
import { bytes, dollars, number, shortNumber } from "../parts/format.ts";
import { list, listState, reload, sums } from "../state/entries.ts";
import { filterText } from "../state/route.ts";
import { selection } from "../state/selection.ts";
import { EntryTable } from "./entry-table.tsx";
import { Filters } from "./filters.tsx";
import { SelectionBar } from "./selection-bar.tsx";

/** The list of entries. */
export function EntriesView(): JSX.Element {
  const { isLoading, error } = listState.value;
  const { rows } = list.value;
  const isEmpty = !isLoading && rows.length === 0 && error === undefined;
  return (
    <section class="entries" aria-label="Entries">
      <h1 class="unseen">Entries</h1>
      <Filters />
      {selection.value.size > 0 ? <SelectionBar /> : <Sums />}
      {error !== undefined && (
        <p class="problem" role="alert">
          {error}
        </p>
      )}
      {isEmpty ? (
        <div class="empty">
          <p>{filterText.value === "" ? "Nothing is stored yet." : "No entry fits these filters."}</p>
        </div>
      ) : (
        <EntryTable />
      )}
    </section>
  );
}

function Sums(): JSX.Element {
  const { isLoading, isCapped } = listState.value;
  const { bytes: size, dollars: money, prompt, completion } = sums.value;
  const { length } = list.value.rows;
  return (
    <div class="sums">
      <span>
        <b>{number(length)}</b> {length === 1 ? "entry" : "entries"}
        {isCapped && ", the newest; filters find others"}
      </span>
      <span>{bytes(size)}</span>
      <span class="wide">
        {shortNumber(prompt)} tokens in, {shortNumber(completion)} out
      </span>
      {money > 0 && <span>{dollars(money)}</span>}
      {isLoading ? (
        <span class="loading">loading</span>
      ) : (
        <button type="button" class="button quiet small" onClick={reload} title="Load the list again">
          Reload
        </button>
      )}
    </div>
  );
}
