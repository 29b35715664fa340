import { signal } from "@preact/signals";

/** The keys of entries that were chosen. */
export const selection = signal<ReadonlySet<string>>(new Set());

/** The place in the list that the keyboard is at. */
export const active = signal(0);

export function toggle(key: string): void {
  const next = new Set(selection.value);
  if (!next.delete(key)) next.add(key);
  selection.value = next;
}

export function select(keys: Iterable<string>): void {
  selection.value = new Set(keys);
}
