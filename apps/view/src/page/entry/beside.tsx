import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Neighbours } from "../../wire.ts";
import { oneLine, shortMoment } from "../parts/format.ts";
import { getJson, messageOf } from "../state/api.ts";
import { compareAddress, entryAddress } from "../state/route.ts";

const TITLES: Readonly<Record<keyof Neighbours, string>> = {
  earlier: "Earlier in the conversation",
  later: "Later in the conversation",
  samples: "Other samples",
  models: "Other models",
  others: "Other parameters",
};

/** So many are shown at once. */
const SHOWN = 12;

/** Entries with the same messages, or the beginning of them. */
export function Beside({ entryKey }: { readonly entryKey: string }): JSX.Element {
  const found = useSignal<Neighbours | null | undefined>(undefined);
  const problem = useSignal("");
  useEffect(() => {
    const own = new AbortController();
    getJson<Neighbours | null>(`entries/${encodeURIComponent(entryKey)}/neighbours`, own.signal).then(
      (neighbours) => {
        found.value = neighbours;
      },
      (error: unknown) => {
        if (!own.signal.aborted) problem.value = messageOf(error);
      },
    );
    return () => own.abort();
  }, [entryKey]);
  const lists = (Object.entries(found.value ?? {}) as Array<[keyof Neighbours, Neighbours["models"]]>).filter(
    ([, list]) => list.length > 0,
  );
  return (
    <div class="beside" aria-busy={found.value === undefined && problem.value === ""}>
      <h2>Beside it</h2>
      {problem.value !== "" && <p class="problem">{problem.value}</p>}
      {found.value === undefined && problem.value === "" && <p class="note">Looking…</p>}
      {found.value !== undefined && lists.length === 0 && <p class="note">No other entry has these messages.</p>}
      {lists.map(([kind, list]) => (
        <div key={kind}>
          <h3>{TITLES[kind]}</h3>
          <ul>
            {list.slice(0, SHOWN).map(({ key, model, sample, createdAt, messages, differing }) => (
              <li key={key}>
                <a href={entryAddress(key)}>{oneLine(model ?? key.slice(0, 12))}</a>{" "}
                <span class="note">
                  {kind === "earlier" || kind === "later"
                    ? `${messages} ${messages === 1 ? "message" : "messages"}`
                    : kind === "samples"
                      ? `sample ${sample}`
                      : differing
                          .filter((name) => name !== "model")
                          .map(oneLine)
                          .join(", ")}{" "}
                  {shortMoment(createdAt)}
                </span>
              </li>
            ))}
          </ul>
          {list.length > SHOWN && <p class="note">and {list.length - SHOWN} more</p>}
          {kind !== "earlier" && kind !== "later" && (
            <a class="button small" href={compareAddress([entryKey, ...list.slice(0, 3).map(({ key }) => key)])}>
              Compare
            </a>
          )}
        </div>
      ))}
    </div>
  );
}
