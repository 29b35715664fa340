import type { JSX } from "preact";
import { Calls } from "./calls.tsx";
import { Stored } from "./stored.tsx";

/** What the cache has saved, and what is in it. */
export function OverviewView(): JSX.Element {
  return (
    <section class="page overview" aria-label="Overview">
      <div class="page-head">
        <h1>Overview</h1>
      </div>
      <Calls />
      <Stored />
    </section>
  );
}
