import type { JSX } from "preact";
import type { EntryView } from "../../wire.ts";
import { dollars } from "../parts/format.ts";

/** The cost of an answer, or why it is unknown. */
export function Cost({
  entry: { dollars: money, tokens },
}: {
  readonly entry: Pick<EntryView, "dollars" | "tokens">;
}): JSX.Element {
  if (money !== undefined) return <>{dollars(money)}</>;
  const why = tokens === undefined ? "The answer reports no tokens." : "No price of this model is known.";
  return (
    <span title={why}>
      <span aria-hidden="true">–</span>
      <span class="unseen">unknown: {why}</span>
    </span>
  );
}
