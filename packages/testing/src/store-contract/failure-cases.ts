import assert from "node:assert/strict";
import type { CacheStore } from "@remem/core/plugin";
import { withTimeout } from "../contract.ts";
import { type CaseContext, collect } from "./context.ts";

export const failureCases = {
  async "when the backend fails every operation rejects, and none answers with a miss"({
    store,
    breakBackend,
  }: CaseContext): Promise<void> {
    await store.set("k", "v");
    await breakBackend(store);
    for (const [name, run] of operationsOf(store)) await rejects(name, run, "though the backend fails");
  },

  async "after close every operation rejects with STORE_CLOSED"({ store }: CaseContext): Promise<void> {
    await store.set("k", "v");
    await store.close();
    for (const [name, run] of operationsOf(store)) {
      const error = await rejects(name, run, "after close");
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      assert.equal(code, "STORE_CLOSED", `${name} after close rejected with code ${code}: ${error}`);
    }
  },

  async "close can be called twice, even on an unused store"({ store, create, limitMs }: CaseContext): Promise<void> {
    await store.set("k", "v");
    for (const one of [store, await create()]) {
      for (const time of ["first", "second"]) await withTimeout(limitMs, one.close(), `The ${time} close`);
    }
  },
};

function operationsOf(store: CacheStore): Array<[name: string, run: () => Promise<unknown>]> {
  return Object.entries({
    get: () => store.get("k"),
    "get of an unknown key": () => store.get("unknown"),
    ...(store.getSidecar && {
      getSidecar: () => store.getSidecar!("k"),
      "getSidecar of an unknown key": () => store.getSidecar!("unknown"),
    }),
    ...(store.getMany && { getMany: () => store.getMany!(["k", "unknown"]) }),
    set: () => store.set("k", "new"),
    delete: () => store.delete("k"),
    ...(store.entries && { entries: () => collect(store.entries!()) }),
    ...(store.heads && { heads: () => collect(store.heads!()) }),
    clear: () => store.clear(),
  });
}

async function rejects(name: string, run: () => Promise<unknown>, when: string): Promise<unknown> {
  let promise: Promise<unknown>;
  try {
    promise = run();
  } catch (error) {
    return assert.fail(`${name} threw ${when} instead of rejecting: ${error}`);
  }
  const [outcome] = await Promise.allSettled([promise]);
  if (outcome.status === "rejected") return outcome.reason;
  return assert.fail(`${name} answered ${JSON.stringify(outcome.value)} ${when} instead of rejecting.`);
}
