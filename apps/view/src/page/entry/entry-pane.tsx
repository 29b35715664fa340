import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { EntryView, UnreadableView } from "../../wire.ts";
import { Confirm } from "../entries/selection-bar.tsx";
import { Code } from "../parts/code.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { bytes, oneLine } from "../parts/format.ts";
import { about, getJson, messageOf } from "../state/api.ts";
import { list } from "../state/entries.ts";
import { go, listAddress } from "../state/route.ts";
import { active, selection, toggle } from "../state/selection.ts";
import { Beside } from "./beside.tsx";
import { Conversation } from "./conversation.tsx";
import { Elsewhere } from "./elsewhere.tsx";
import { Facts } from "./facts.tsx";

/** One entry. */
export function EntryPane({ entryKey }: { readonly entryKey: string }): JSX.Element {
  const entry = useSignal<EntryView | UnreadableView | undefined>(undefined);
  const problem = useSignal("");
  useEffect(() => {
    const own = new AbortController();
    getJson<EntryView | UnreadableView>(`entries/${encodeURIComponent(entryKey)}`, own.signal).then(
      (found) => {
        entry.value = found;
      },
      (error: unknown) => {
        if (!own.signal.aborted) problem.value = messageOf(error);
      },
    );
    return () => own.abort();
  }, [entryKey]);
  useEffect(() => {
    const { rows } = list.value;
    if (rows[active.peek()]?.key === entryKey) return;
    const index = rows.findIndex(({ key }) => key === entryKey);
    if (index !== -1) active.value = index;
  }, [entryKey, list.value]);
  return (
    <section class="pane" aria-label="Entry">
      <PaneHead entryKey={entryKey} entry={entry.value} />
      {problem.value !== "" && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      {entry.value?.kind === "entry" && <Sound entry={entry.value} />}
      {entry.value !== undefined && entry.value.kind !== "entry" && (
        <Unreadable entry={entry.value as UnreadableView} />
      )}
    </section>
  );
}

interface PaneHeadProps {
  readonly entryKey: string;
  readonly entry: EntryView | UnreadableView | undefined;
}

function PaneHead({ entryKey, entry }: PaneHeadProps): JSX.Element {
  const asks = useSignal<"delete" | "export" | undefined>(undefined);
  const name = entry?.kind === "entry" ? ((entry as EntryView).model ?? "unknown model") : (entry?.kind ?? "");
  return (
    <div class="pane-head">
      <h1>{oneLine(name) || "…"}</h1>
      <code class="key" title={entryKey}>
        {entryKey.slice(0, 12)}
      </code>
      <CopyButton text={entryKey} label="Copy key" what="the key" />
      <button
        type="button"
        class="button small"
        aria-pressed={selection.value.has(entryKey)}
        onClick={() => toggle(entryKey)}
      >
        {selection.value.has(entryKey) ? "Selected" : "Select"}
      </button>
      <button type="button" class="button small" onClick={() => (asks.value = "export")}>
        Export
      </button>
      {about.value?.mayDelete && (
        <button type="button" class="button small danger" onClick={() => (asks.value = "delete")}>
          Delete
        </button>
      )}
      <a class="button small quiet close" href={listAddress()} aria-label="Close the entry">
        Close
      </a>
      {asks.value !== undefined && (
        <Confirm
          kind={asks.value}
          keys={[entryKey]}
          onClose={() => (asks.value = undefined)}
          onDone={() => asks.value === "delete" && go(listAddress())}
        />
      )}
    </div>
  );
}

function Sound({ entry }: { readonly entry: EntryView }): JSX.Element {
  return (
    <div class="pane-body">
      <div class="pane-main">
        <Conversation entry={entry} />
        <Elsewhere entry={entry} />
      </div>
      <aside class="pane-side" aria-label="About the entry">
        <Facts entry={entry} />
        {entry.requestIs === "kept" && <Beside entryKey={entry.key} />}
      </aside>
    </div>
  );
}

function Unreadable({ entry }: { readonly entry: UnreadableView }): JSX.Element {
  return (
    <div class="pane-body">
      <div class="pane-main">
        <p class="problem">
          This entry is never a hit: {entry.problem}. It takes {bytes(entry.bytes)}.
        </p>
        <h2>As it is stored</h2>
        <Code clip={entry.raw} label="The entry as it is stored" />
      </div>
    </div>
  );
}
