import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { CallSum } from "../../wire.ts";
import { paints } from "../state/theme.ts";

type Quarters = ReadonlyArray<readonly [quarter: number, sum: CallSum]>;

/** Calls over time. What draws it is loaded with the first plot. */
export function Plot({ quarters }: { readonly quarters: Quarters }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const paint = paints.value;
  useEffect(() => {
    let isOver = false;
    let end: (() => void) | undefined;
    void import("./draw-plot.ts").then(({ drawPlot }) => {
      if (!isOver) end = drawPlot(place.current!, quarters);
    });
    return () => {
      isOver = true;
      end?.();
    };
  }, [quarters, paint]);
  return (
    <div class="plot-frame">
      <ul class="legend" aria-hidden="true">
        <li class="hits">hits and joined</li>
        <li class="misses">misses</li>
        <li class="failures">failures</li>
      </ul>
      <div
        ref={place}
        class="plot"
        role="img"
        aria-label={`Calls over time, in ${quarters.length} quarters of an hour. The tables have the figures.`}
      />
    </div>
  );
}
