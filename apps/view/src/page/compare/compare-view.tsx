import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { EntryView, UnreadableView } from "../../wire.ts";
import { Message } from "../entry/message.tsx";
import { dollars, moment, number, oneLine, visible } from "../parts/format.ts";
import { getJson, messageOf } from "../state/api.ts";
import { entryAddress, listAddress, MOST_COMPARED, route } from "../state/route.ts";
import { answerText } from "./answer-text.ts";
import { Changes } from "./changes.tsx";

type Loaded = EntryView | UnreadableView | { readonly kind: "failed"; readonly problem: string };

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
        (error: unknown): Loaded => ({ kind: "failed", problem: messageOf(error) }),
      ),
    );
    void Promise.all(loaded).then((all) => {
      if (!own.signal.aborted) entries.value = all;
    });
    return () => own.abort();
  }, [names]);
  const base = entries.value.find((entry) => entry.kind === "entry") as EntryView | undefined;
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
      {base?.messages !== undefined && <Asked entry={base} />}
      <div class="columns">
        {entries.value.map((entry, index) => (
          <Column
            key={keys[index]}
            entryKey={keys[index]!}
            entry={entry}
            base={onlyChanges.value && entry !== base ? base : undefined}
            reference={base}
          />
        ))}
      </div>
    </section>
  );
}

/** The last thing that was asked, as the first entry has it. */
function Asked({ entry: { messages = [] } }: { readonly entry: EntryView }): JSX.Element | null {
  const message = messages.findLast(({ role }) => role === "user") ?? messages.at(-1);
  if (message === undefined) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section class="asked" tabIndex={0} aria-labelledby="asked">
      <h2 id="asked" class="unseen">
        What was asked
      </h2>
      <Message message={message} isMarkdown={false} />
    </section>
  );
}

interface ColumnProps {
  readonly entryKey: string;
  readonly entry: Loaded;
  /** The entry whose answer this one's is marked against. */
  readonly base: EntryView | undefined;
  readonly reference: EntryView | undefined;
}

function Column({ entryKey, entry, base, reference }: ColumnProps): JSX.Element {
  if (entry.kind !== "entry") {
    return (
      <article class="column">
        <h2>{entryKey.slice(0, 12)}</h2>
        <p class="problem">{(entry as UnreadableView).problem}</p>
      </article>
    );
  }
  const found = entry as EntryView;
  return (
    <article class="column">
      <h2>
        <a href={entryAddress(entryKey)}>{oneLine(found.model ?? "unknown model")}</a>
      </h2>
      <div>
        <Figures entry={found} reference={reference} />
        <Differing entry={found} reference={reference} />
      </div>
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

function Figures({ entry, reference }: Pick<ColumnProps, "reference"> & { readonly entry: EntryView }): JSX.Element {
  const { tokens, dollars: money, createdAt, finishReason, sample } = entry;
  const other = entry === reference ? undefined : reference;
  return (
    <dl class="facts">
      <div>
        <dt>written</dt>
        <dd>{moment(createdAt)}</dd>
      </div>
      <div>
        <dt>tokens out</dt>
        <dd>
          {tokens === undefined ? "unknown" : number(tokens.completion)}{" "}
          <By own={tokens?.completion} other={other?.tokens?.completion} />
        </dd>
      </div>
      <div>
        <dt>tokens in</dt>
        <dd>
          {tokens === undefined ? "unknown" : number(tokens.prompt)}{" "}
          <By own={tokens?.prompt} other={other?.tokens?.prompt} />
        </dd>
      </div>
      {money !== undefined && (
        <div>
          <dt>cost</dt>
          <dd>
            {dollars(money)} <By own={money} other={other?.dollars} />
          </dd>
        </div>
      )}
      <div>
        <dt>ended by</dt>
        <dd>{oneLine(finishReason ?? "unknown")}</dd>
      </div>
      {sample ? (
        <div>
          <dt>sample</dt>
          <dd>{sample}</dd>
        </div>
      ) : null}
    </dl>
  );
}

/** How much more or less than that of the first. */
function By({
  own,
  other,
}: {
  readonly own: number | undefined;
  readonly other: number | undefined;
}): JSX.Element | null {
  if (own === undefined || !other || own === other) return null;
  const share = Math.round((own / other - 1) * 100);
  return share === 0 ? null : <span class="note">{share > 0 ? `+${share} %` : `−${-share} %`}</span>;
}

/** Members of the key that are others than the first one's. */
function Differing({
  entry,
  reference,
}: Pick<ColumnProps, "reference"> & { readonly entry: EntryView }): JSX.Element | null {
  if (reference === undefined || entry === reference) return null;
  const [own, other] = [entry, reference].map(
    ({ parameters, facts }): Record<string, unknown> => ({
      ...(parameters.value as object),
      ...(facts.value as object),
    }),
  );
  const names = [...new Set([...Object.keys(own!), ...Object.keys(other!)])].filter(
    (name) => name !== "sample" && JSON.stringify(own![name]) !== JSON.stringify(other![name]),
  );
  const isAsked = JSON.stringify(entry.messages) === JSON.stringify(reference.messages);
  return (
    <>
      {!isAsked && <p class="note">The messages are others.</p>}
      {names.length > 0 && (
        <dl class="facts differing">
          {names.map((name) => (
            <div key={name}>
              <dt>{visible(name).slice(0, 60)}</dt>
              <dd>{shown(own![name])}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

const shown = (value: unknown): string =>
  value === undefined ? "not set" : oneLine(JSON.stringify(value)).slice(0, 200);
