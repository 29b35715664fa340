import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { CallSum, JournalView } from "../../wire.ts";
import { dollars, moment, number, oneLine, percent, shortNumber } from "../parts/format.ts";
import { about, getJson, messageOf } from "../state/api.ts";
import { Bars, Figure } from "./figure.tsx";
import { Plot } from "./plot.tsx";

const LOOK_MS = 2_000;
const MODELS = 12;

const callsOf = ({ hits, joined, misses, failures }: CallSum): number => hits + joined + misses + failures;
const answeredOf = ({ hits, joined }: CallSum): number => hits + joined;

/** The figures of the journal, updated while the page is open. */
export function Calls(): JSX.Element {
  const journal = useSignal<JournalView | null | undefined>(undefined);
  const problem = useSignal("");
  useEffect(() => {
    const own = new AbortController();
    let timer = 0;
    async function look(): Promise<void> {
      const started = performance.now();
      try {
        const version = journal.value?.version ?? "";
        const path = `journal?version=${encodeURIComponent(version)}`;
        const found = document.hidden ? undefined : await getJson<JournalView | null | undefined>(path, own.signal);
        if (found !== undefined) journal.value = found;
        problem.value = "";
      } catch (error) {
        if (!own.signal.aborted) problem.value = messageOf(error);
      }
      // Reading a long journal without pauses would block the program.
      const pause = Math.max(LOOK_MS, 10 * (performance.now() - started));
      if (!own.signal.aborted) timer = window.setTimeout(() => void look(), pause);
    }
    void look();
    return () => {
      own.abort();
      clearTimeout(timer);
    };
  }, []);
  const found = journal.value;
  return (
    <section class="calls" aria-labelledby="calls-title">
      <h2 id="calls-title">Calls</h2>
      {problem.value !== "" && <p class="problem">{problem.value}</p>}
      {found === undefined && problem.value === "" && <p class="note">Reading the journal…</p>}
      {found === null && <NoJournal />}
      {found && <Told journal={found} />}
    </section>
  );
}

function NoJournal(): JSX.Element {
  const file = about.value?.journal;
  return (
    <p class="note">
      {file === undefined ? "No journal was named" : `No call is recorded in ${file} yet`}: calls are recorded with{" "}
      <code>--journal</code> of the command, with <code>REMEM_JOURNAL</code>, or with{" "}
      <code>createRemem({"{ journal: true }"})</code>.
    </p>
  );
}

function Told({ journal }: { readonly journal: JournalView }): JSX.Element {
  const { total, byModel, byQuarter, failures, notStored, from, to, skipped } = journal;
  const calls = callsOf(total);
  const most = Math.max(1, ...byModel.map(([, sum]) => callsOf(sum)));
  const models = byModel.toSorted(([, one], [, other]) => callsOf(other) - callsOf(one));
  return (
    <>
      <dl class="figures">
        <Figure name="Hit rate" value={calls === 0 ? "–" : percent(answeredOf(total) / calls)}>
          of {number(calls)} calls
        </Figure>
        <Figure name="Hits" value={number(total.hits)} />
        <Figure name="Joined" value={number(total.joined)} />
        <Figure name="Misses" value={number(total.misses)} />
        <Figure name="Failures" value={number(total.failures)} />
        <Amount name="Saved" amount={total.saved} />
        <Amount name="Paid" amount={total.paid} />
      </dl>
      {byQuarter.length > 0 && <Plot quarters={byQuarter} />}
      <div class="tables">
        <Bars
          title="By model"
          heads={["Calls", "Hit rate", "Paid", "Saved"]}
          rows={models.slice(0, MODELS).map(([name, sum]) => ({
            name: oneLine(name),
            share: callsOf(sum) / most,
            figures: [
              number(callsOf(sum)),
              percent(answeredOf(sum) / Math.max(1, callsOf(sum))).replace(" ", "\u00a0"),
              worthOf(sum.paid),
              worthOf(sum.saved),
            ],
          }))}
        />
        <Counts title="Paid for and not stored" counts={notStored} />
        <Counts title="Failed" counts={failures} />
      </div>
      <p class="note">
        {journal.file}
        {from !== undefined && `, from ${moment(from)} to ${moment(to)}`}
        {skipped > 0 && `, ${number(skipped)} lines that are torn or of another program`}
      </p>
    </>
  );
}

function Amount({ name, amount }: { readonly name: string; readonly amount: CallSum["paid"] }): JSX.Element {
  return (
    <Figure name={name} value={worthOf(amount)}>
      {amount.prompt + amount.completion > 0 &&
        `${shortNumber(amount.prompt)} tokens in, ${shortNumber(amount.completion)} out`}
    </Figure>
  );
}

/** Money, or tokens if no price is known. */
function worthOf({ prompt, completion, dollars: known }: CallSum["paid"]): string {
  return known === undefined ? `${shortNumber(prompt + completion)} tokens` : dollars(known);
}

function Counts({
  title,
  counts,
}: {
  readonly title: string;
  readonly counts: Readonly<Record<string, number>>;
}): JSX.Element {
  const all = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const most = Math.max(1, ...all.map(([, count]) => count));
  const rows = all.map(([name, count]) => ({ name: oneLine(name), share: count / most, figures: [number(count)] }));
  return <Bars title={title} heads={["Calls"]} rows={rows} />;
}
