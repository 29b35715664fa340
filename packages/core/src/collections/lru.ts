import { createLinkedList, type Node } from "./linked-list.ts";

/** A map of bounded size. When it is full, the least recently used values are dropped. */
export interface Lru<Value> {
  /** Marks the value as used. */
  get(key: string): Value | undefined;
  peek(key: string): Value | undefined;
  /** Replaces an older value. Keeps nothing if `size` alone exceeds the limit. */
  set(key: string, value: Value, size: number): void;
  /** Returns whether there was a value. */
  delete(key: string): boolean;
  /** The keys that are there now. */
  keys(): string[];
  clear(): void;
}

interface Slot<Value> {
  readonly key: string;
  readonly value: Value;
  readonly size: number;
}

/** @param maxSize The limit for the sum of all sizes, in any unit. */
export function createLru<Value>(maxSize: number): Lru<Value> {
  const nodes = new Map<string, Node<Slot<Value>>>();
  /** The least recently used value comes first. */
  const slots = createLinkedList<Slot<Value>>();
  let size = 0;

  function remove(node: Node<Slot<Value>>): void {
    slots.remove(node);
    nodes.delete(node.item.key);
    size -= node.item.size;
  }

  return {
    get(key) {
      const node = nodes.get(key);
      if (node === undefined) return undefined;
      slots.moveToEnd(node);
      return node.item.value;
    },
    peek: (key) => nodes.get(key)?.item.value,
    set(key, value, slotSize) {
      const older = nodes.get(key);
      if (older !== undefined) remove(older);
      if (slotSize > maxSize) return;
      nodes.set(key, slots.append({ key, value, size: slotSize }));
      size += slotSize;
      while (size > maxSize) remove(slots.first!);
    },
    delete(key) {
      const node = nodes.get(key);
      if (node !== undefined) remove(node);
      return node !== undefined;
    },
    keys: () => [...nodes.keys()],
    clear() {
      for (const node of nodes.values()) remove(node);
    },
  };
}
