import { type CacheStore, checkCount, checkOptions, RememError } from "@remem/core/plugin";
import {
  CASE_MS,
  type ContractCase,
  checkSlowness,
  createCases,
  type SkippedCase,
  skipUnlessApplicable,
  withinCase,
  withTimeout,
} from "./contract.ts";
import type { CaseContext, ForeignData } from "./store-contract/context.ts";
import { entriesCases } from "./store-contract/entries-cases.ts";
import { expiryCases } from "./store-contract/expiry-cases.ts";
import { failureCases } from "./store-contract/failure-cases.ts";
import { flightCases } from "./store-contract/flight-cases.ts";
import { getManyCases } from "./store-contract/get-many-cases.ts";
import { handleCases } from "./store-contract/handle-cases.ts";
import { headsCases } from "./store-contract/heads-cases.ts";
import { sidecarCases } from "./store-contract/sidecar-cases.ts";
import { valueCases } from "./store-contract/value-cases.ts";

/** The options of `storeContract`. */
export interface StoreContractOptions {
  /** Creates an empty store with its own backend: its own file, directory or prefix. */
  create(): CacheStore | Promise<CacheStore>;
  /** Opens another handle on the backend of the latest `create()`. Omit it for a store that lives in one object. */
  reopen?(): CacheStore | Promise<CacheStore>;
  /** Data of others in the backend of the latest `create()`. Omit it if there can be none. */
  readonly foreign?: ForeignData | undefined;
  /** Makes every operation of the latest `create()`'s backend fail from now on. Omit it if nothing can fail. */
  breakBackend?(store: CacheStore): Promise<void> | void;
  /**
   * Acquires the lease of this key in the backend of the latest `create()`, and leaves it behind as a killed process does.
   * Omit it for a store without flights.
   */
  orphan?(key: string): Promise<void> | void;
  /**
   * Acquires the lease of this key in another process, over the backend of the latest `create()`, and returns a function
   * that releases it there. Omit it for a store without flights.
   */
  leadElsewhere?(key: string): Promise<() => Promise<void>>;
  /** Cases that this store cannot pass. They keep their position, and their names give the reason. */
  readonly skip?: ReadonlyArray<SkippedCase<StoreContractCase>> | undefined;
  /** How long a case waits for an immediate event, such as the end of a lease, in milliseconds. 2,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Multiplies `timeoutMs` and every other time limit of the cases, for slow machines: from 1, the default, to 100. */
  readonly slowness?: number | undefined;
}

/** The names of the cases. */
export type StoreContractCase =
  | keyof typeof valueCases
  | keyof typeof getManyCases
  | keyof typeof expiryCases
  | keyof typeof entriesCases
  | keyof typeof headsCases
  | keyof typeof sidecarCases
  | keyof typeof handleCases
  | keyof typeof failureCases
  | keyof typeof flightCases;

const GROUPS = {
  values: valueCases,
  getMany: getManyCases,
  expiry: expiryCases,
  entries: entriesCases,
  heads: headsCases,
  sidecars: sidecarCases,
  handles: handleCases,
  failures: failureCases,
  flights: flightCases,
};

/** The cases that need an option. */
const REQUIRED_OPTIONS = {
  "clear leaves what belongs to others": "foreign",
  "a sidecar outlasts closing and reopening": "reopen",
  "a second handle sees the sidecars that the first has written": "reopen",
  "two handles that write one key at once leave a value with its own sidecar": "reopen",
  "a second handle sees what the first has written": "reopen",
  "what was set outlasts closing and reopening": "reopen",
  "two handles that write one key at once leave one whole value": "reopen",
  "when the backend fails every operation rejects, and none answers with a miss": "breakBackend",
  "flights have one leader at a time across handles": "reopen",
  "flights wake followers on another handle": "reopen",
  "flights have one leader at a time across processes": "leadElsewhere",
  "flights let one of two followers take over from a dead leader": "orphan",
} as const satisfies Partial<Record<StoreContractCase, keyof StoreContractOptions>>;

/**
 * Makes the contract of a store into cases for any test runner, to be run one at a time:
 * `for (const { name, run } of storeContract({ create })) test(name, run)`. Each case closes the stores that it opened. A case
 * whose option is omitted is skipped, and its name says so. A case learns only when it runs whether the store has `getMany`,
 * `entries`, `heads`, `getSidecar` and `flights`. Without the member it passes. A runner that passes tests a context to skip
 * with (`node:test`, Vitest) reports it as skipped.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function storeContract(options: StoreContractOptions): ContractCase[] {
  checkStoreContractOptions(options);
  const missing = (Object.keys(REQUIRED_OPTIONS) as Array<keyof typeof REQUIRED_OPTIONS>).flatMap((name) =>
    options[REQUIRED_OPTIONS[name]] === undefined
      ? [{ case: name, reason: `\`${REQUIRED_OPTIONS[name]}\` is not given` }]
      : [],
  );
  return createCases(
    "storeContract",
    GROUPS,
    (check, name, runner: unknown = undefined) => skipUnlessApplicable(() => runCase(name, check, options), runner),
    [...missing, ...(options.skip ?? [])],
  );
}

const EVENT_MS = 2_000;
const PROCESS_CASES: readonly string[] = [
  "flights have one leader at a time across processes",
  "flights let one of two followers take over from a dead leader",
] satisfies StoreContractCase[];

async function runCase(
  name: string,
  check: (context: CaseContext) => Promise<void>,
  options: StoreContractOptions,
): Promise<void> {
  const { foreign, timeoutMs = EVENT_MS, slowness = 1 } = options;
  const limitMs = timeoutMs * slowness;
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
    slowness,
  };
  // Errors are ignored: `close` has its own case, and a store whose backend is broken may fail to close.
  async function close(): Promise<void> {
    const closing = Promise.allSettled(stores.map(async (store) => store.close()));
    await withTimeout(limitMs, closing, "Closing").catch(() => {});
  }
  // A case waits up to three times for an event, and some start a process before each.
  const startMs = PROCESS_CASES.includes(name) ? 3 * CASE_MS : 0;
  const caseMs = (CASE_MS + startMs + 3 * Math.max(timeoutMs - EVENT_MS, 0)) * slowness;
  await withinCase(name, caseMs, async () => check({ ...context, store: await context.create() }), close);
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
  slowness: true,
} as const satisfies Record<keyof StoreContractOptions, true>;

function checkStoreContractOptions(options: StoreContractOptions): void {
  checkOptions("storeContract", options, OPTIONS);
  checkCount("storeContract", "timeoutMs", options.timeoutMs);
  checkSlowness("storeContract", options.slowness ?? 1);
  if (typeof options.create !== "function") {
    throw new RememError("INVALID_OPTION", "storeContract: `create` must be a function that returns a store.");
  }
}
