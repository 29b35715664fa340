import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { announce } from "../parts/announcer.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { number } from "../parts/format.ts";
import { about, messageOf } from "../state/api.ts";
import { list } from "../state/entries.ts";
import { compareAddress, go } from "../state/route.ts";
import { select, selection } from "../state/selection.ts";
import { deleteEntries, exportEntries } from "./actions.ts";

/** So many entries fit beside each other. */
const MOST_COMPARED = 4;

/** What can be done with the entries that are selected. */
export function SelectionBar(): JSX.Element {
  const asks = useSignal<"delete" | "export" | undefined>(undefined);
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
      <button type="button" class="button small" onClick={() => (asks.value = "export")}>
        Export
      </button>
      {about.value?.mayDelete && (
        <button type="button" class="button small danger" onClick={() => (asks.value = "delete")}>
          Delete
        </button>
      )}
      {chosen.size < rows.length && (
        <button type="button" class="button quiet small" onClick={() => select(rows.map(({ key }) => key))}>
          Select all {number(rows.length)}
        </button>
      )}
      <button type="button" class="button quiet small" onClick={() => select([])}>
        Clear
      </button>
      {asks.value !== undefined && (
        <Confirm kind={asks.value} keys={[...chosen]} onClose={() => (asks.value = undefined)} />
      )}
    </div>
  );
}

interface ConfirmProps {
  readonly kind: "delete" | "export";
  readonly keys: readonly string[];
  onClose(): void;
  /** Called before it is closed, where it was done. */
  onDone?(): void;
}

/** Asks before anything is deleted, or leaves the cache. */
export function Confirm({ kind, keys, onClose, onDone }: ConfirmProps): JSX.Element {
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const count = `${number(keys.length)} ${keys.length === 1 ? "entry" : "entries"}`;
  async function act(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    try {
      announce(kind === "delete" ? `Deleted ${await deleteEntries(keys)}` : `Exported ${await exportEntries(keys)}`);
      onDone?.();
      onClose();
    } catch (error) {
      problem.value = messageOf(error);
      isBusy.value = false;
    }
  }
  return (
    <Dialog title={kind === "delete" ? `Delete ${count}?` : `Export ${count}?`} onClose={onClose}>
      <p>
        {kind === "delete"
          ? "The next identical request will be paid for again. Nothing brings a deleted entry back."
          : "The file has one line of JSON for each entry, with its whole request and answer."}
      </p>
      {problem.value !== "" && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <form method="dialog" class="dialog-buttons" onSubmit={(event) => void act(event)}>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class={`button ${kind === "delete" ? "danger" : "strong"}`} disabled={isBusy.value}>
          {kind === "delete" ? "Delete" : "Export"}
        </button>
      </form>
    </Dialog>
  );
}
