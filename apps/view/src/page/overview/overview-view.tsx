import type { JSX } from "preact";
import { asksForToken } from "../state/token.ts";
import { Calls } from "./calls.tsx";
import { Stored } from "./stored.tsx";

/** The savings and the contents of the cache. */
export function OverviewView(): JSX.Element {
  return (
    <section class="page overview" aria-label="Overview">
      <div class="page-head">
        <h1>Overview</h1>
      </div>
      {asksForToken ? (
        <p class="note">Calls are not shown, because the journal of a gateway has the calls of all its users.</p>
      ) : (
        <Calls />
      )}
      <Stored />
    </section>
  );
}
