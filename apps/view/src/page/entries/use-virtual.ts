import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

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

/** Finds which rows of a long list are seen. All are equally high. */
export function useVirtual(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  headHeight: number,
): Virtual {
  const [, rerender] = useReducer<number, void>((turn) => turn + 1, 0);
  const [virtualizer] = useState(
    () => new Virtualizer<HTMLElement, HTMLElement>(optionsOf(scroller, count, rowHeight, headHeight, rerender)),
  );
  const height = useRef(rowHeight);
  virtualizer.setOptions(optionsOf(scroller, count, rowHeight, headHeight, rerender));
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    if (height.current === rowHeight) return;
    height.current = rowHeight;
    virtualizer.measure();
  }, [rowHeight, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  return {
    first: first?.index ?? 0,
    last: (items.at(-1)?.index ?? -1) + 1,
    start: (first?.start ?? headHeight) - headHeight,
    height: virtualizer.getTotalSize() - headHeight,
    show: (index) => virtualizer.scrollToIndex(index, { align: "auto" }),
  };
}

function optionsOf(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  headHeight: number,
  rerender: () => void,
): ConstructorParameters<typeof Virtualizer<HTMLElement, HTMLElement>>[0] {
  return {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    paddingStart: headHeight,
    scrollPaddingStart: headHeight,
    overscan: OVERSCAN,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => rerender(),
  };
}
