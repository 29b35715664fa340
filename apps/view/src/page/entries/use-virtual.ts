import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

interface Virtual {
  /** The rows to be in the page: from the first to before the last. */
  readonly first: number;
  readonly last: number;
  readonly start: number;
  /** The height of all rows together. */
  readonly height: number;
  show(index: number): void;
}

/** Rows besides the visible ones: a browser scrolls before it notifies the page. */
const OVERSCAN = 40;

/**
 * Finds the visible rows of a long list. All rows have the same height, so this takes the same time for any number of rows,
 * even while more arrive.
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
      // The head covers the first visible rows.
      const below = above + rowHeight + headHeight - element.clientHeight;
      if (above < element.scrollTop) element.scrollTop = above;
      else if (below > element.scrollTop) element.scrollTop = below;
    },
  };
}
