/**
 * Tells a reader whether a key was written during its read. The value that it has read may then be outdated. It holds only the
 * keys of running operations.
 */
export interface KeyWrites {
  /** Runs a read. `isCurrent` tells whether no write of the key has run since the read began. */
  read<T>(key: string, run: (isCurrent: () => boolean) => Promise<T>): Promise<T>;
  write<T>(key: string, run: () => Promise<T>): Promise<T>;
  writeAll<T>(run: () => Promise<T>): Promise<T>;
}

interface Slot {
  operations: number;
  /** Counts the start and the end of each write: a read may overlap with either. */
  generation: number;
  writers: number;
}

export function trackKeyWrites(): KeyWrites {
  const slots = new Map<string, Slot>();
  let clears = 0;
  let generation = 0;

  async function within<T>(key: string, run: (slot: Slot) => Promise<T>): Promise<T> {
    const slot = slots.get(key) ?? { operations: 0, generation: 0, writers: 0 };
    slots.set(key, slot);
    slot.operations += 1;
    try {
      return await run(slot);
    } finally {
      slot.operations -= 1;
      if (slot.operations === 0) slots.delete(key);
    }
  }
  return {
    read: (key, run) =>
      within(key, (slot) => {
        const before = slot.generation + generation;
        return run(() => slot.writers + clears === 0 && slot.generation + generation === before);
      }),
    write: (key, run) =>
      within(key, async (slot) => {
        slot.writers += 1;
        slot.generation += 1;
        try {
          return await run();
        } finally {
          slot.writers -= 1;
          slot.generation += 1;
        }
      }),
    async writeAll(run) {
      clears += 1;
      generation += 1;
      try {
        return await run();
      } finally {
        clears -= 1;
        generation += 1;
      }
    },
  };
}
