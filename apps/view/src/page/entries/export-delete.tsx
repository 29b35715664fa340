import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { announce } from "../parts/announcer.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { number } from "../parts/format.ts";
import { about, messageOf } from "../state/api.ts";
import { deleteEntries, exportEntries } from "./actions.ts";

interface ExportDeleteProps {
  readonly keys: readonly string[];
  onDeleted?(): void;
}

/** Buttons that save entries as a file, or delete them if that is allowed. */
export function ExportDelete({ keys, onDeleted }: ExportDeleteProps): JSX.Element {
  const asks = useSignal<"delete" | "export" | undefined>(undefined);
  return (
    <>
      <button type="button" class="button small" onClick={() => (asks.value = "export")}>
        Export
      </button>
      {about.value?.mayDelete && (
        <button type="button" class="button small danger" onClick={() => (asks.value = "delete")}>
          Delete
        </button>
      )}
      {asks.value !== undefined && (
        <Confirm kind={asks.value} keys={keys} onClose={() => (asks.value = undefined)} onDeleted={onDeleted} />
      )}
    </>
  );
}

interface ConfirmProps {
  readonly kind: "delete" | "export";
  readonly keys: readonly string[];
  onClose(): void;
  onDeleted?: (() => void) | undefined;
}

/** Asks before the page deletes or exports entries. */
function Confirm({ kind, keys, onClose, onDeleted }: ConfirmProps): JSX.Element {
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const count = `${number(keys.length)} ${keys.length === 1 ? "entry" : "entries"}`;
  async function act(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    try {
      announce(kind === "delete" ? `Deleted ${await deleteEntries(keys)}` : `Exported ${await exportEntries(keys)}`);
      if (kind === "delete") onDeleted?.();
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
          ? "The next identical request will be paid for again. A deleted entry cannot be restored."
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
