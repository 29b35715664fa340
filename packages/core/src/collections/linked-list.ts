/**
 * A doubly linked list: append, remove and move to the end take constant time. A `Set` is slower here, because V8 rehashes a
 * small one every few pairs of add and delete.
 */
export interface LinkedList<T> extends Iterable<T> {
  readonly first: Node<T> | undefined;
  isEmpty(): boolean;
  /** Adds the item at the end. Returns the node, which the other operations take. */
  append(item: T): Node<T>;
  /** Does nothing for a node that was removed before. */
  remove(node: Node<T>): void;
  moveToEnd(node: Node<T>): void;
}

export interface Node<T> {
  readonly item: T;
  previous: Node<T>;
  next: Node<T>;
}

/** A loop over the list may remove, move and append any item. It visits the items that were there at first and still are. */
export function createLinkedList<T>(): LinkedList<T> {
  // A ring: the sentinel stands before the first node and after the last. It has the shape of a node, because another shape
  // would slow down all of them.
  const sentinel = { item: undefined, previous: undefined, next: undefined } as unknown as Node<T>;
  sentinel.previous = sentinel;
  sentinel.next = sentinel;

  function link(node: Node<T>): void {
    node.previous = sentinel.previous;
    node.next = sentinel;
    sentinel.previous.next = node;
    sentinel.previous = node;
  }
  function unlink({ previous, next }: Node<T>): void {
    previous.next = next;
    next.previous = previous;
  }
  /** A removed node is a ring of its own. */
  const isRemoved = (node: Node<T>): boolean => node.next === node;

  return {
    get first() {
      return sentinel.next === sentinel ? undefined : sentinel.next;
    },
    isEmpty: () => sentinel.next === sentinel,
    append(item) {
      const node: Node<T> = { item, previous: sentinel, next: sentinel };
      link(node);
      return node;
    },
    remove(node) {
      unlink(node);
      node.previous = node;
      node.next = node;
    },
    moveToEnd(node) {
      unlink(node);
      link(node);
    },
    *[Symbol.iterator]() {
      const nodes: Array<Node<T>> = [];
      for (let node = sentinel.next; node !== sentinel; node = node.next) nodes.push(node);
      for (const node of nodes) if (!isRemoved(node)) yield node.item;
    },
  };
}
