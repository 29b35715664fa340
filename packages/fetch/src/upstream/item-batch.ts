import type { AskContext } from "@remem/core";

/** Collects the items that are missing, and asks for them together. */
export interface ItemBatch<Answer> {
  /** The answer to the item at this place, once the server has given it. */
  ask(place: number, context: AskContext): Promise<Answer>;
  /** Reports that one item has its answer, or needs none any more. */
  settled(): void;
}

/**
 * How long a batch waits for its next item, in milliseconds, while other items may still be found in the store or be missing.
 * The wait restarts with each item, because a missing item first acquires its lease.
 */
const PATIENCE_MS = 20;

interface Item<Answer> {
  readonly place: number;
  readonly answer: PromiseWithResolvers<Answer>;
  readonly context: AskContext;
}

/**
 * @param count The number of items. Items that are stored, or that another caller asks for, are never asked for here.
 * @param send Asks for the items at these places. The signal of its context is aborted when no caller waits for any of them.
 */
export function createItemBatch<Answer>(
  count: number,
  send: (places: readonly number[], context: AskContext) => Promise<readonly Answer[]>,
): ItemBatch<Answer> {
  let open = count;
  let waiting: Array<Item<Answer>> = [];
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const items = waiting;
    waiting = [];
    if (items.length === 0) return;
    items.sort((one, other) => one.place - other.place);
    const contexts = items.map(({ context }) => context);
    const abandoned = new AbortController();
    let left = items.length;
    for (const { signal } of contexts) {
      const leave = (): void => {
        left -= 1;
        if (left === 0) abandoned.abort(signal.reason);
      };
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    }
    send(
      items.map(({ place }) => place),
      {
        ...contexts[0]!,
        signal: abandoned.signal,
        sent: (isSent) => {
          for (const { sent } of contexts) sent(isSent);
        },
      },
    ).then(
      (answers) => {
        for (const [index, { answer }] of items.entries()) answer.resolve(answers[index]!);
      },
      (error: unknown) => {
        for (const { answer } of items) answer.reject(error);
      },
    );
  }
  function flushIfWhole(): void {
    clearTimeout(timer);
    if (waiting.length >= open) flush();
    else if (waiting.length > 0) timer = setTimeout(flushIfQuiet, PATIENCE_MS, waiting.length);
  }
  /** Timers of a busy process fire late. So the items that have arrived meanwhile are handled before the batch is sent. */
  function flushIfQuiet(known: number): void {
    setImmediate(() => {
      if (waiting.length === known) flush();
    });
  }
  return {
    ask(place, context) {
      const answer = Promise.withResolvers<Answer>();
      waiting.push({ place, answer, context });
      flushIfWhole();
      return answer.promise;
    },
    settled() {
      open -= 1;
      flushIfWhole();
    },
  };
}
