/** Things that come and go in any order, in the order in which they came. A `Set` of a few that do so is laid out anew every few of them. */
export interface Roster<T> extends Iterable<T> {
  isEmpty(): boolean;
  add(item: T): Place<T>;
  /** Doing it twice does no harm. */
  remove(place: Place<T>): void;
  /** To the end, behind all others. */
  renew(place: Place<T>): void;
}

/** Where an item stands. */
export interface Place<T> {
  readonly item: T;
  before: Place<T>;
  after: Place<T>;
}

export function createRoster<T>(): Roster<T> {
  // A ring that starts and ends here, and whose last and first are here where it is empty.
  const end = {} as Place<T>;
  end.before = end;
  end.after = end;

  function enter(place: Place<T>): void {
    place.before = end.before;
    place.after = end;
    end.before.after = place;
    end.before = place;
  }
  function leave({ before, after }: Place<T>): void {
    before.after = after;
    after.before = before;
  }

  return {
    isEmpty: () => end.after === end,
    add(item) {
      const place: Place<T> = { item, before: end, after: end };
      enter(place);
      return place;
    },
    remove(place) {
      leave(place);
      // A second time it finds itself alone.
      place.before = place;
      place.after = place;
    },
    renew(place) {
      leave(place);
      enter(place);
    },
    *[Symbol.iterator]() {
      for (let place = end.after; place !== end; ) {
        const { item, after } = place; // Whoever gets the item may remove it.
        yield item;
        place = after;
      }
    },
  };
}
