import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { EntryView } from "../../wire.ts";
import { save } from "../entries/actions.ts";
import { Code } from "../parts/code.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { JsonTree } from "../parts/json-tree.tsx";
import { about, getText } from "../state/api.ts";
import { curlOf, inferOf, testOf } from "./snippets.ts";
import { storeUrlOf } from "./store-url.ts";

const TABS = ["Request", "Answer", "curl", "infer", "Test", "Stored"] as const;
type Tab = (typeof TABS)[number];

/** The same entry as JSON, and as code to copy. */
export function Elsewhere({ entry }: { readonly entry: EntryView }): JSX.Element {
  const tab = useSignal<Tab>("Request");
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    tab.value = TABS[(TABS.indexOf(tab.value) + step + TABS.length) % TABS.length]!;
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`#tab-${tab.value}`)?.focus();
  }
  return (
    <div class="elsewhere">
      <h2>Copy as</h2>
      <div class="tabs" role="tablist" aria-label="Forms of the entry" tabIndex={-1} onKeyDown={onKeyDown}>
        {TABS.map((name) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={tab.value === name}
            aria-controls="tab-panel"
            tabIndex={tab.value === name ? 0 : -1}
            onClick={() => {
              tab.value = name;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div id="tab-panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`}>
        <Panel tab={tab.value} entry={entry} />
      </div>
    </div>
  );
}

function Panel({ tab, entry }: { readonly tab: Tab; readonly entry: EntryView }): JSX.Element {
  const { request, answer, key, raw } = entry;
  switch (tab) {
    case "Request":
      if (request === undefined) return <p class="note">The request was not kept.</p>;
      return <Json value={request.value} isCut={request.isCut} what="the request" />;
    case "Answer":
      return <Json value={answer.value} isCut={answer.isCut} what="the answer" />;
    case "Stored": {
      const load = (): Promise<string> => getText(`entries/${encodeURIComponent(key)}/raw`);
      return (
        <>
          <div class="pane-tools">
            <CopyButton text={load} what="the entry as it is stored" />
            <button
              type="button"
              class="button small"
              onClick={() => void load().then((text) => save(new Blob([text]), `${key.slice(0, 12)}.txt`))}
            >
              Save
            </button>
          </div>
          <Code clip={raw} label="The entry as it is stored" />
        </>
      );
    }
    default:
      return <Snippet entry={entry} make={tab === "curl" ? curlOf : tab === "infer" ? inferOf : testOf} />;
  }
}

function Json({
  value,
  isCut,
  what,
}: {
  readonly value: unknown;
  readonly isCut: boolean;
  readonly what: string;
}): JSX.Element {
  return (
    <>
      <div class="pane-tools">
        {isCut ? (
          <p class="note">Parts are left out. “Stored” shows everything.</p>
        ) : (
          <CopyButton text={JSON.stringify(value, null, 2)} what={what} />
        )}
      </div>
      <JsonTree value={value} />
    </>
  );
}

function Snippet({
  entry,
  make,
}: {
  readonly entry: EntryView;
  make(entry: EntryView, store: string | undefined): string | undefined;
}): JSX.Element {
  const code = make(entry, storeUrlOf(about.value?.place));
  if (code === undefined) {
    return (
      <p class="note">
        This form needs a kept request that is short enough to be shown, and a surface that has the form.
      </p>
    );
  }
  return (
    <>
      <div class="pane-tools">
        <CopyButton text={code} what="the code" />
      </div>
      <Code clip={{ text: code }} label="Code" />
    </>
  );
}
