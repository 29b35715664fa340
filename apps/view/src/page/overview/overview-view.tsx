import type { JSX } from "preact";
import { asksForToken } from "../state/token.ts";
import { Calls } from "./calls.tsx";
import { Stored } from "./stored.tsx";

/** What the cache has saved, and what is in it. */
export function OverviewView(): JSX.Element {
  return (
    <section class="page overview" aria-label="Overview">
      <div class="page-head">
        <h1>Overview</h1>
      </div>
      {asksForToken ? (
        <p class="note">Calls are not shown: the journal of a gateway has those of all who use it.</p>
      ) : (
        <Calls />
      )}
      <Stored />
    </section>
  );
}
