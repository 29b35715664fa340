import { type Child, startChild } from "@remem/test-support/child";
import type { Timings } from "../src/leases.ts";

/** The options of a store that a child process opens. */
export type StoreElsewhere = { readonly prefix?: string } & (
  | { readonly url: string }
  | { readonly nodes: readonly string[] }
);

/** Runs a file of `processes/` against the built package; ends it with the test at the latest. */
export const start = (script: string, ...args: string[]): Child =>
  startChild(new URL(`processes/${script}.mjs`, import.meta.url), args);

/** Starts a process that tries to acquire the lease of this key. */
export function startLeader(store: StoreElsewhere, key: string, timings?: Timings): Child {
  return start("leader", JSON.stringify(store), key, ...(timings === undefined ? [] : [JSON.stringify(timings)]));
}

/** The options of the store contract for flights across processes. */
export function elsewhere(store: () => StoreElsewhere) {
  return {
    async orphan(key: string): Promise<void> {
      const child = startLeader(store(), key, { leaseMs: 300, tickMs: 100 });
      await child.says("leads");
      child.process.kill("SIGKILL");
      await child.end;
    },
    async leadElsewhere(key: string): Promise<() => Promise<void>> {
      const child = startLeader(store(), key);
      await child.says("leads");
      return async () => {
        child.process.send("release");
        await child.says("released");
      };
    },
  };
}
