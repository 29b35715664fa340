import type { JSX } from "preact";
import type { Neighbours } from "../../wire.ts";
import { oneLine, shortMoment } from "../parts/format.ts";
import { compareAddress, entryAddress } from "../state/route.ts";
import { useJson } from "../state/use-json.ts";

const TITLES: Readonly<Record<keyof Neighbours, string>> = {
  earlier: "Earlier in the conversation",
  later: "Later in the conversation",
  samples: "Other samples",
  models: "Other models",
  others: "Other parameters",
};

/** The number of entries that are shown at once. */
const SHOWN = 12;

/** Entries with the same messages, or the beginning of them. */
export function Beside({ entryKey }: { readonly entryKey: string }): JSX.Element {
  const { found, problem } = useJson<Neighbours | null>(`entries/${encodeURIComponent(entryKey)}/neighbours`);
  const isLooking = found === undefined && problem === "";
  const lists = (Object.entries(found ?? {}) as Array<[keyof Neighbours, Neighbours["models"]]>).filter(
    ([, list]) => list.length > 0,
  );
  return (
    <div class="beside" aria-busy={isLooking}>
      <h2>Related entries</h2>
      {problem !== "" && <p class="problem">{problem}</p>}
      {isLooking && <p class="note">Looking…</p>}
      {found !== undefined && lists.length === 0 && <p class="note">No other entry has these messages.</p>}
      {lists.map(([kind, list]) => (
        <div key={kind}>
          <h3>{TITLES[kind]}</h3>
          <ul>
            {list.slice(0, SHOWN).map(({ key, model, sample, createdAt, messages, differing, values }) => (
              <li key={key}>
                <a href={entryAddress(key)}>{oneLine(model ?? key.slice(0, 12))}</a>{" "}
                <span class="note">
                  {kind === "earlier" || kind === "later"
                    ? `${messages} ${messages === 1 ? "message" : "messages"}`
                    : kind === "samples"
                      ? `sample ${sample}`
                      : differing
                          .filter((name) => name !== "model")
                          .map((name) => memberText(name, values[name]))
                          .join(", ")}{" "}
                  {shortMoment(createdAt)}
                </span>
              </li>
            ))}
          </ul>
          {list.length > SHOWN && <p class="note">and {list.length - SHOWN} more</p>}
          {kind !== "earlier" && kind !== "later" && (
            <a class="button small" href={compareAddress([entryKey, ...list.map(({ key }) => key)])}>
              Compare
            </a>
          )}
        </div>
      ))}
    </div>
  );
}

/** A member in which an entry differs: `temperature 0.7`, or only its name if the value is long. */
function memberText(name: string, value: Neighbours["models"][number]["values"][string] | undefined): string {
  return oneLine(value === undefined ? name : value === null ? `no ${name}` : `${name} ${value}`);
}
