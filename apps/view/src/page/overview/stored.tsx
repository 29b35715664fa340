import type { JSX } from "preact";
import type { CacheStats } from "../../wire.ts";
import { bytes, dollars, moment, number, oneLine, shortNumber } from "../parts/format.ts";
import { addressOf } from "../state/route.ts";
import { useJson } from "../state/use-json.ts";
import { Bars, Figure } from "./figure.tsx";

const ROWS = 12;

/** The contents of the store. */
export function Stored(): JSX.Element {
  const { found, problem } = useJson<CacheStats>("stats");
  return (
    <section class="stored" aria-labelledby="stored-title">
      <h2 id="stored-title">Stored</h2>
      {problem !== "" && <p class="problem">{problem}</p>}
      {found === undefined && problem === "" && <p class="note">Counting…</p>}
      {found && (
        <>
          <dl class="figures">
            <Figure name="Entries" value={number(found.entries)}>
              {found.unreadable > 0 && `${number(found.unreadable)} unreadable`}
            </Figure>
            <Figure name="Size" value={bytes(found.bytes)} />
            <Figure name="Tokens in" value={shortNumber(found.tokens.prompt)} />
            <Figure name="Tokens out" value={shortNumber(found.tokens.completion)} />
            {found.dollars !== undefined && (
              <Figure name="Worth" value={dollars(found.dollars)}>
                by list prices{found.unpriced > 0 && `, ${number(found.unpriced)} without a price`}
              </Figure>
            )}
            {found.oldest !== undefined && <Figure name="Oldest" value={moment(found.oldest).slice(0, 10)} />}
            {found.newest !== undefined && <Figure name="Newest" value={moment(found.newest).slice(0, 10)} />}
          </dl>
          <div class="tables">
            <Groups title="By model" groups={found.byModel} />
            <Groups title="By surface" groups={found.bySurface} />
            <Groups title="By day" groups={found.byDay} isLast />
          </div>
          <p class="note">
            <a href={addressOf({ view: "entries" }, { sort: "-size" })}>The largest entries</a>,{" "}
            <a href={addressOf({ view: "entries" }, { sort: "-cost" })}>the most expensive ones</a>
          </p>
        </>
      )}
    </section>
  );
}

interface GroupsProps {
  readonly title: string;
  readonly groups: CacheStats["byModel"];
  /** Whether the last groups are shown, if there are many. */
  readonly isLast?: boolean;
}

function Groups({ title, groups, isLast = false }: GroupsProps): JSX.Element {
  const all = Object.entries(groups);
  const shown = isLast ? all.slice(-ROWS).reverse() : all.slice(0, ROWS);
  const most = Math.max(1, ...shown.map(([, { entries }]) => entries));
  const rows = shown.map(([name, { entries, bytes: size }]) => ({
    name: oneLine(name) || "unknown",
    share: entries / most,
    figures: [number(entries), bytes(size)],
  }));
  return <Bars title={title} heads={["Entries", "Size"]} rows={rows} />;
}
