import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { paints } from "../state/theme.ts";
import { barsOf, daysOf, type Quarters } from "./plot-scale.ts";

/** The maximum number of bars. */
const MOST_BARS = 160;
const BAR_WIDTH = 7;

/** Calls over time. The code that draws it is loaded with the first plot. */
export function Plot({ quarters }: { readonly quarters: Quarters }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const most = useSignal(MOST_BARS);
  const paint = paints.value;
  useLayoutEffect(() => {
    most.value = Math.min(MOST_BARS, Math.floor(place.current!.clientWidth / BAR_WIDTH));
  }, [quarters]);
  const bars = useMemo(() => barsOf(quarters, most.value), [quarters, most.value]);
  useEffect(() => {
    let isOver = false;
    let end: (() => void) | undefined;
    void import("./draw-plot.ts").then(({ drawPlot }) => {
      if (!isOver) end = drawPlot(place.current!, bars);
    });
    return () => {
      isOver = true;
      end?.();
    };
  }, [bars, paint]);
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
        aria-label={`Calls over time, in bars of ${bars.length}. The tables have the figures.`}
      />
      <p class="note bar-length">
        {daysOf(quarters)}. One bar: {bars.length}.
      </p>
    </div>
  );
}
