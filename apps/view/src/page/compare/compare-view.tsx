import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { EntryView, UnreadableView } from "../../wire.ts";
import { Message } from "../entry/message.tsx";
import { oneLine } from "../parts/format.ts";
import { getJson, messageOf } from "../state/api.ts";
import { entryAddress, listAddress, MOST_COMPARED, route } from "../state/route.ts";
import { answerText } from "./answer-text.ts";
import { AskedHere, AskedOfAll } from "./asked.tsx";
import { Changes } from "./changes.tsx";
import { Differing, Figures } from "./figures.tsx";
import { ownMessages, type Shared, sharedMessages } from "./shared-messages.ts";

/** Keeps its key, because the address may have other keys already. */
type Loaded = EntryView | UnreadableView | { readonly kind: "failed"; readonly key: string; readonly problem: string };

/** Entries side by side: their figures, and the words in which their answers differ from the first one's. */
export function CompareView(): JSX.Element {
  const names = route.value.params.keys ?? "";
  const keys = names.split(",").filter(Boolean).slice(0, MOST_COMPARED);
  const entries = useSignal<readonly Loaded[]>([]);
  const onlyChanges = useSignal(true);
  useEffect(() => {
    const own = new AbortController();
    entries.value = [];
    const loaded = keys.map((key) =>
      getJson<EntryView | UnreadableView>(`entries/${encodeURIComponent(key)}`, own.signal).catch(
        (error: unknown): Loaded => ({ kind: "failed", key, problem: messageOf(error) }),
      ),
    );
    void Promise.all(loaded).then((all) => {
      if (!own.signal.aborted) entries.value = all;
    });
    return () => own.abort();
  }, [names]);
  const sound = entries.value.filter((entry) => entry.kind === "entry") as EntryView[];
  const base = sound[0];
  const asked = sound.flatMap(({ messages }) => (messages === undefined ? [] : [messages]));
  const shared = sharedMessages(asked);
  const isOther = asked.some((messages) => ownMessages(messages, shared).length > 0);
  const hasSamples = sound.some(({ sample = 0 }) => sample > 0);
  return (
    <section class="page compare" aria-label="Compare">
      <div class="page-head">
        <h1>Compare</h1>
        <label class="switch">
          <input
            type="checkbox"
            checked={onlyChanges.value}
            onChange={(event) => {
              onlyChanges.value = event.currentTarget.checked;
            }}
          />
          Mark differences from the first
        </label>
        <a class="button small quiet close" href={listAddress()}>
          Close
        </a>
      </div>
      {keys.length < 2 && <p class="note">Select two to four entries in the list, and then Compare.</p>}
      <AskedOfAll shared={shared} />
      <div class={`columns of-${entries.value.length}`}>
        {entries.value.map((entry) => (
          <Column
            key={entry.key}
            entry={entry}
            base={onlyChanges.value && entry !== base ? base : undefined}
            reference={base}
            shared={shared}
            isOther={isOther}
            hasSamples={hasSamples}
          />
        ))}
      </div>
    </section>
  );
}

interface ColumnProps {
  readonly entry: Loaded;
  /** The entry with whose answer this one is compared. */
  readonly base: EntryView | undefined;
  readonly reference: EntryView | undefined;
  readonly shared: Shared;
  readonly isOther: boolean;
  readonly hasSamples: boolean;
}

function Column({ entry, base, reference, hasSamples, ...asked }: ColumnProps): JSX.Element {
  const { key } = entry;
  if (entry.kind !== "entry") {
    return (
      <article class="column">
        <h2>{key.slice(0, 12)}</h2>
        <p class="problem">{(entry as UnreadableView).problem}</p>
      </article>
    );
  }
  const found = entry as EntryView;
  return (
    <article class="column">
      <h2>
        <a href={entryAddress(key)}>{oneLine(found.model ?? "unknown model")}</a>{" "}
        <code class="key" title={key}>
          {key.slice(0, 12)}
        </code>
      </h2>
      <div>
        <Figures entry={found} reference={reference} hasSamples={hasSamples} />
        <Differing entry={found} reference={reference} />
      </div>
      <AskedHere entry={found} {...asked} />
      <div class="said-answer">
        <h3 class="role">answer</h3>
        {base === undefined ? (
          found.choices?.map((choice, index) => <Message key={index} message={choice} isMarkdown={false} isAnswer />)
        ) : (
          <Changes from={answerText(base)} to={answerText(found)} />
        )}
      </div>
    </article>
  );
}
