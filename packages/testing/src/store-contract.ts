import { type CacheStore, checkCount, checkOptions, RememError } from "@remem/core";
import { type ContractCase, createCases, type SkippedCase, withTimeout } from "./contract.ts";
import { type CaseContext, type ForeignData, NotApplicable } from "./store-contract/context.ts";
import { entriesCases } from "./store-contract/entries-cases.ts";
import { expiryCases } from "./store-contract/expiry-cases.ts";
import { failureCases } from "./store-contract/failure-cases.ts";
import { flightCases } from "./store-contract/flight-cases.ts";
import { handleCases } from "./store-contract/handle-cases.ts";
import { valueCases } from "./store-contract/value-cases.ts";

export interface StoreContractOptions {
  /** A new store, empty and with a backend of its own: its own file, directory or prefix. */
  create(): CacheStore | Promise<CacheStore>;
  /** Another handle on the backend of the latest `create()`. Left out by a store that lives in one object. */
  reopen?(): CacheStore | Promise<CacheStore>;
  /** Data in the backend of the latest `create()` that is not the store's. Left out where there can be none. */
  readonly foreign?: ForeignData;
  /** Makes every operation of the latest `create()`'s backend fail from now on. Left out where nothing can. */
  breakBackend?(store: CacheStore): Promise<void> | void;
  /**
   * Takes the lead of this key, in the backend of the latest `create()`, and leaves it behind as a process does that is
   * killed. Left out by a store without flights.
   */
  orphan?(key: string): Promise<void> | void;
  /**
   * Takes the lead of this key in another process, over the backend of the latest `create()`, and gives what gives it up
   * there. Left out by a store without flights.
   */
  leadElsewhere?(key: string): Promise<() => Promise<void>>;
  /** Cases that this store cannot pass. They keep their place, and their names give the reason. */
  readonly skip?: ReadonlyArray<SkippedCase<StoreContractCase>>;
  /** How long a case waits for what is due at once, as the end of a wait, in milliseconds. 2,000 by default. */
  readonly timeoutMs?: number;
}

/** The names of the cases. */
export type StoreContractCase =
  | keyof typeof valueCases
  | keyof typeof expiryCases
  | keyof typeof entriesCases
  | keyof typeof handleCases
  | keyof typeof failureCases
  | keyof typeof flightCases;

const CASES = { ...valueCases, ...expiryCases, ...entriesCases, ...handleCases, ...failureCases, ...flightCases };

/** What can be found out only with an option. */
const REQUIRED_OPTIONS = {
  "clear leaves what belongs to others": "foreign",
  "a second handle sees what the first has written": "reopen",
  "what was set outlasts closing and reopening": "reopen",
  "two handles that write one key at once leave one whole value": "reopen",
  "when the backend fails every operation rejects, and none answers with a miss": "breakBackend",
  "flights, if there are any, have one leader at a time across handles": "reopen",
  "flights, if there are any, wake who waits on another handle": "reopen",
  "flights, if there are any, have one leader at a time across processes": "leadElsewhere",
  "flights, if there are any, let one of two take over from a leader that is dead": "orphan",
} as const satisfies Partial<Record<StoreContractCase, keyof StoreContractOptions>>;

/**
 * What every store promises, as cases for any test runner, to be run one after the other:
 * `for (const { name, run } of storeContract({ create })) test(name, run)`. Each closes the stores that it opened.
 * A case whose option is left out is skipped, and its name says so. Whether the store has `getMany`, `entries` and
 * `flights` is seen only when a case runs: without them it passes, reported as skipped by a runner that gives its tests a
 * context to skip with (`node:test`, Vitest).
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function storeContract(options: StoreContractOptions): ContractCase[] {
  checkStoreContractOptions(options);
  const runs = Object.entries(CASES).map(([name, check]) => [name, runCase.bind(undefined, check, options)]);
  const missing = (Object.keys(REQUIRED_OPTIONS) as Array<keyof typeof REQUIRED_OPTIONS>).flatMap((name) =>
    options[REQUIRED_OPTIONS[name]] === undefined
      ? [{ case: name, reason: `\`${REQUIRED_OPTIONS[name]}\` is not given` }]
      : [],
  );
  return createCases("storeContract", Object.fromEntries(runs) as Record<StoreContractCase, () => Promise<void>>, [
    ...missing,
    ...(options.skip ?? []),
  ]);
}

/**
 * Runners look for a callback or for fixtures among the parameters of a test. They see none here: the first two are bound,
 * and `runner`, the context that some of them pass all the expectSame, has a default.
 */
async function runCase(
  check: (context: CaseContext) => Promise<void>,
  options: StoreContractOptions,
  runner: unknown = undefined,
): Promise<void> {
  const { foreign, timeoutMs: limitMs = 2_000 } = options;
  const stores: CacheStore[] = [];
  async function track(store: CacheStore | Promise<CacheStore>): Promise<CacheStore> {
    stores.push(await store);
    return store;
  }
  const context: Omit<CaseContext, "store"> = {
    create: async () => track(options.create()),
    reopen: async () => track(options.reopen!()),
    breakBackend: async (store) => options.breakBackend!(store),
    orphan: async (key) => options.orphan!(key),
    leadElsewhere: async (key) => options.leadElsewhere!(key),
    foreign: foreign!,
    limitMs,
  };
  try {
    await check({ ...context, store: await context.create() });
  } catch (error) {
    if (!(error instanceof NotApplicable)) throw error;
    if (canSkip(runner)) runner.skip(error.message);
  } finally {
    // Not judged here: that is a case of its own, and a store whose backend was broken may complain.
    const closing = Promise.allSettled(stores.map(async (store) => store.close()));
    await withTimeout(limitMs, closing, "Closing").catch(() => {});
  }
}

function canSkip(runner: unknown): runner is { skip(reason: string): void } {
  return typeof (runner as { readonly skip?: unknown } | undefined)?.skip === "function";
}

const OPTIONS = {
  create: true,
  reopen: true,
  foreign: true,
  breakBackend: true,
  orphan: true,
  leadElsewhere: true,
  skip: true,
  timeoutMs: true,
} as const satisfies Record<keyof StoreContractOptions, true>;

function checkStoreContractOptions(options: StoreContractOptions): void {
  checkOptions("storeContract", options, OPTIONS);
  checkCount("storeContract", "timeoutMs", options.timeoutMs);
  if (typeof options.create !== "function") {
    throw new RememError("INVALID_OPTION", "storeContract: `create` must be a function that gives a store.");
  }
}
