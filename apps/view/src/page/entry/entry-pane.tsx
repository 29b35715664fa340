import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { EntryView, UnreadableView } from "../../wire.ts";
import { ExportDelete } from "../entries/export-delete.tsx";
import { Code } from "../parts/code.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { bytes, oneLine } from "../parts/format.ts";
import { list } from "../state/entries.ts";
import { go, listAddress } from "../state/route.ts";
import { active, selection, toggle } from "../state/selection.ts";
import { useJson } from "../state/use-json.ts";
import { Beside } from "./beside.tsx";
import { Conversation } from "./conversation.tsx";
import { Elsewhere } from "./elsewhere.tsx";
import { Facts } from "./facts.tsx";

/** One entry. */
export function EntryPane({ entryKey }: { readonly entryKey: string }): JSX.Element {
  const { found: entry, problem } = useJson<EntryView | UnreadableView>(`entries/${encodeURIComponent(entryKey)}`);
  useEffect(() => {
    const { rows } = list.value;
    if (rows[active.peek()]?.key === entryKey) return;
    const index = rows.findIndex(({ key }) => key === entryKey);
    if (index !== -1) active.value = index;
  }, [entryKey, list.value]);
  return (
    <section class="pane" aria-label="Entry">
      <PaneHead entryKey={entryKey} entry={entry} />
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {entry?.kind === "entry" && <Sound entry={entry} />}
      {entry !== undefined && entry.kind !== "entry" && <Unreadable entry={entry as UnreadableView} />}
    </section>
  );
}

interface PaneHeadProps {
  readonly entryKey: string;
  readonly entry: EntryView | UnreadableView | undefined;
}

function PaneHead({ entryKey, entry }: PaneHeadProps): JSX.Element {
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
      <ExportDelete keys={[entryKey]} onDeleted={() => go(listAddress())} />
      <a class="button small quiet close" href={listAddress()} aria-label="Close the entry">
        Close
      </a>
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
