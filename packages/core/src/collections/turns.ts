/** One requested answer. */
export interface Turn<Item> {
  readonly item: Item;
  readonly sample: number | undefined;
}

/** Yields every item once, or once for each sample. A synchronous source stays synchronous. */
export function turns<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  samples: number | undefined,
): Iterable<Turn<Item>> | AsyncIterable<Turn<Item>> {
  function* turnsOf(item: Item): Generator<Turn<Item>, void, undefined> {
    if (samples === undefined) yield { item, sample: undefined };
    else for (let sample = 0; sample < samples; sample++) yield { item, sample };
  }
  async function* later(source: AsyncIterable<Item>): AsyncGenerator<Turn<Item>, void, undefined> {
    for await (const item of source) yield* turnsOf(item);
  }
  function* now(source: Iterable<Item>): Generator<Turn<Item>, void, undefined> {
    for (const item of source) yield* turnsOf(item);
  }
  return Symbol.asyncIterator in items ? later(items) : now(items);
}
