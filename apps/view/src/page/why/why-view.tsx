import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { DifferenceView, WhyAnswer } from "../../wire.ts";
import { alike, number, oneLine, shortMoment, visible } from "../parts/format.ts";
import { ChangedText } from "../parts/whitespace.tsx";
import { about, messageOf, post } from "../state/api.ts";
import { entryAddress } from "../state/route.ts";
import { adviceFor } from "./advice.ts";

const EXAMPLE = `{ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "…" }] }`;

/** Compares a pasted request with the stored ones. */
export function WhyView(): JSX.Element {
  const text = useSignal("");
  const found = useSignal<WhyAnswer | undefined>(undefined);
  const problem = useSignal("");
  const isBusy = useSignal(false);
  async function ask(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    problem.value = "";
    found.value = undefined;
    try {
      found.value = (await (await post("explain", text.value)).json()) as WhyAnswer;
    } catch (error) {
      problem.value = messageOf(error);
    }
    isBusy.value = false;
  }
  return (
    <section class="page why" aria-label="Why did it miss">
      <div class="page-head">
        <h1>Why did it miss?</h1>
      </div>
      {about.value?.mayExplain === false ? (
        <p class="note">This page cannot make the keys of requests.</p>
      ) : (
        <form onSubmit={(event) => void ask(event)}>
          <label for="request">
            Paste a request: its JSON, a line of a batch, a <code>curl</code> command, or HTTP as it goes over the wire.
          </label>
          <textarea
            id="request"
            rows={10}
            spellcheck={false}
            placeholder={EXAMPLE}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
          <button type="submit" class="button strong" disabled={isBusy.value || text.value.trim() === ""}>
            {isBusy.value ? "Comparing…" : "Explain"}
          </button>
        </form>
      )}
      {problem.value !== "" && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      {found.value !== undefined && <Answer answer={found.value} />}
    </section>
  );
}

function Answer({ answer }: { readonly answer: WhyAnswer }): JSX.Element {
  const { isStored, key, nearest, compared, skipped, item, items } = answer;
  const which = items > 1 ? `Item ${item + 1} of ${items}: ` : "";
  return (
    <div class="why-answer" role="status">
      <h2>
        {which +
          (isStored ? "It would be a hit." : nearest.length === 0 ? "Nothing like it is stored." : "It would miss.")}
      </h2>
      <p>
        Its key is{" "}
        {isStored ? (
          <a href={entryAddress(key)}>
            <code class="whole">{key}</code>
          </a>
        ) : (
          <code class="whole">{key}</code>
        )}
        {!isStored && `, which is not in the store. ${number(compared)} stored requests were compared`}
        {skipped > 0 && `, and ${number(skipped)} could not be`}
        {!isStored && "."}
      </p>
      {nearest.map(({ key: near, likeness, createdAt, differences }) => (
        <article key={near} class="nearest">
          <h3>
            <a href={entryAddress(near)}>{near.slice(0, 12)}</a>
            <span class="note">
              {alike(likeness)} alike, written {shortMoment(createdAt)}
            </span>
          </h3>
          {differences.length === 0 ? (
            <p class="note">Nothing that this entry keeps differs.</p>
          ) : (
            <Differences differences={differences} />
          )}
        </article>
      ))}
    </div>
  );
}

function Differences({ differences }: { readonly differences: readonly DifferenceView[] }): JSX.Element {
  const advice = adviceFor(differences);
  return (
    <>
      <div class="table-frame">
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Stored</th>
              <th scope="col">Yours</th>
            </tr>
          </thead>
          <tbody>
            {differences.map((difference) => (
              <Row key={difference.path} difference={difference} />
            ))}
          </tbody>
        </table>
      </div>
      {advice.length > 0 && (
        <ul class="advice">
          {advice.map((line) => (
            <li key={line}>
              {line
                .split("`")
                .map((part, index) => (index % 2 === 0 ? visible(part) : <code key={index}>{part}</code>))}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Row({ difference: { path, stored, asked, words } }: { readonly difference: DifferenceView }): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <code>{visible(path)}</code>
      </th>
      {words === undefined || words.length === 0 ? (
        <>
          <td>
            <Value value={stored} />
          </td>
          <td>
            <Value value={asked} />
          </td>
        </>
      ) : (
        <td colSpan={2}>
          <ul class="word-changes">
            {words.map(({ before, stored: lost, asked: added }, index) => (
              <li key={index}>
                <span class="note">…{oneLine(before)} </span>
                {lost !== "" && (
                  <del>
                    <ChangedText text={lost} />
                  </del>
                )}{" "}
                {added !== "" && (
                  <ins>
                    <ChangedText text={added} />
                  </ins>
                )}
              </li>
            ))}
          </ul>
        </td>
      )}
    </tr>
  );
}

const LONGEST = 600;

function Value({ value }: { readonly value: unknown }): JSX.Element {
  if (value === undefined) return <span class="note">nothing</span>;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <code class="value">
      <ChangedText text={text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text} />
    </code>
  );
}
