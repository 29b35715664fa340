import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

interface Virtual {
  /** The rows to be in the page: from the first to before the last. */
  readonly first: number;
  readonly last: number;
  readonly start: number;
  /** How high all rows are together. */
  readonly height: number;
  show(index: number): void;
}

/** Rows besides those that are seen: a browser scrolls before the page hears of it. */
const OVERSCAN = 40;

/**
 * Finds which rows of a long list are seen. All are equally high, so that this takes as long for any number of them, however often more come.
 */
export function useVirtual(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  headHeight: number,
): Virtual {
  const [{ top, height }, setSeen] = useState({ top: 0, height: innerHeight });
  useLayoutEffect(() => {
    const element = scroller.current!;
    const look = (): void => setSeen({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller]);
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight) - OVERSCAN, count - 1));
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + OVERSCAN);
  return {
    first,
    last,
    start: first * rowHeight,
    height: count * rowHeight,
    show(index) {
      const element = scroller.current!;
      const above = index * rowHeight;
      // The head lies over the first of the rows that are seen.
      const below = above + rowHeight + headHeight - element.clientHeight;
      if (above < element.scrollTop) element.scrollTop = above;
      else if (below > element.scrollTop) element.scrollTop = below;
    },
  };
}
