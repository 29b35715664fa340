import type { Gateway, GatewayOptions } from "@remem/gateway";
import { type CostOf, createTally } from "@remem/inspect";
import type { Command } from "commander";
import {
  type CacheStore,
  cachedFetch,
  defaultJournalFile,
  type Limits,
  RememError,
  type RememFetchOptions,
  storeFromUrl,
} from "remem";
import {
  type ConfiguredGateway,
  type ConfiguredTenant,
  type ConfiguredUpstream,
  configuredGateway,
} from "remem/config";
import { ConfigError } from "../config/config-error.ts";
import { inMilliseconds, resolveFlags } from "../config/resolve-flags.ts";
import type { ClientFlags } from "../flags/client-flags.ts";
import { inFlags } from "../flags/in-flags.ts";
import { journalOf } from "../flags/journal-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { createCostOf } from "../journal/rates.ts";
import { type BudgetFlags, createBudget } from "../spending/budget.ts";
import { loadPrices, type PriceOf } from "../spending/prices.ts";
import { together } from "./limits.ts";
import { loadGateway } from "./load-gateway.ts";
import { type GatewayOutcome, outcomeOf } from "./outcome.ts";
import { upstreamsOf, variableOf } from "./upstreams.ts";

export interface GatewayFlags
  extends Pick<ClientFlags, "store" | "cache" | "journal" | "ttlMs" | "prices" | "rpm" | "tpm" | "maxWait">,
    BudgetFlags {
  /** Answers from the store alone, and asks no server. */
  readonly frozen?: boolean;
  /** Whether requests are logged, or the file that they are logged to. */
  readonly log?: boolean | string;
}

/** The place of a gateway among others. */
export interface GatewayPlace extends Pick<GatewayOptions, "gatherMetrics"> {
  /** The port that it will listen on, if that is known. */
  readonly port?: number;
  /** Whether it is for the tenants of the configuration file, if the file names any. */
  readonly hasTenants?: boolean;
  /** Whether other processes serve the same port. */
  readonly hasOthers?: boolean;
}

/** A gateway as a command runs it. */
export interface OpenGateway {
  /** The names of the tenants. Undefined if every program of this machine may use it. */
  readonly tenants: readonly string[] | undefined;
  /** The configured servers behind it. */
  readonly upstreams: Readonly<Record<string, ConfiguredUpstream>>;
  listen: Gateway["listen"];
  metrics: Gateway["metrics"];
  /** Closes it and its store, and returns its outcome. */
  close(options?: Parameters<Gateway["close"]>[0]): Promise<GatewayOutcome>;
}

/**
 * Opens the gateway that the flags, variables and the configuration file describe.
 * @throws {UsageError} if a flag or the file cannot be used
 */
export async function openGateway(
  flags: GatewayFlags,
  command: Command,
  { port, hasTenants = false, gatherMetrics, hasOthers = false }: GatewayPlace = {},
): Promise<OpenGateway> {
  const { cache, journal, ttlMs, prices, frozen = false } = flags;
  const config = configured(command);
  const upstreams = upstreamsOf(config.upstreams, process.env, port);
  const tenants = hasTenants ? config.tenants : undefined;
  const redisUrl = config.redis ?? (isRedis(flags.store) ? flags.store : undefined);
  if (hasOthers && redisUrl === undefined) checkWorkers(tenants);
  const { createGateway, openRequestLog } = await loadGateway();
  // The list of prices takes longer to load than a program to start.
  const priceOf = loadPrices(undefined, prices);
  let costOf: CostOf | undefined;
  const tally = priceOf.then((priceOf) => {
    costOf = createCostOf(priceOf);
    return createTally(costOf);
  });
  const limits = await limitsOf(flags, priceOf);
  if (tenants !== undefined) await tally; // Their budgets need prices from the first request.
  const file = journalFile(journal);
  const log = flags.log ? await openRequestLog(flags.log === true ? undefined : flags.log) : undefined;
  const gateway = await usable(() => {
    const store = openStore(flags.store, hasOthers);
    const options = {
      store,
      cache: frozen ? "only-if-cached" : cache,
      ttlMs,
      config: false, // The flags are completed already.
      journal: file,
      ...(frozen && { fetch: refuse }),
    } satisfies RememFetchOptions;
    return createGateway({
      fetch: (own) =>
        cachedFetch({
          ...own,
          ...options,
          limits: together(own.limits, limits),
          onCall: (call) =>
            void tally.then(({ add }) => {
              add(call);
              own.onCall?.(call);
            }),
        }),
      upstreams,
      tenants,
      redisUrl,
      ready: () => store.get(NO_KEY),
      priceOf: (model, { input, output }) => costOf?.(model, { prompt: input, completion: output }, Date.now()),
      log: log?.write,
      view: { store, requestIn: async (text) => (await import("./pasted-request.ts")).pastedRequest(text) },
      gatherMetrics,
    });
  }, port);
  return {
    tenants: tenants && Object.keys(tenants),
    upstreams,
    listen: (options) => usable(() => gateway.listen(options), port),
    metrics: gateway.metrics,
    async close(options) {
      await gateway.close(options);
      log?.close();
      return outcomeOf(gateway.stats(), await tally);
    },
  };
}

const isRedis = (url: string | undefined): boolean => url !== undefined && /^rediss?:/i.test(url);

/** Each process counts by itself, so each would allow the whole limit. */
function checkWorkers(tenants: Readonly<Record<string, ConfiguredTenant>> | undefined): void {
  const limited = Object.keys(tenants ?? {}).find((name) => tenants![name]!.limits !== undefined);
  if (limited === undefined) return;
  throw new UsageError(
    `--workers needs a Redis to count the usage of tenants, such as ${limited}: gateway.redis in the configuration file`,
  );
}

/** A key without an entry, to see whether the store answers. */
const NO_KEY = "0".repeat(64);

function openStore(url: string | undefined, hasOthers: boolean): CacheStore {
  const store = storeFromUrl(url, { config: false });
  if (!hasOthers || store.name !== "memory") return store;
  throw new UsageError(
    "--workers needs a store that all processes share, but memory: is separate in each: choose another --store",
  );
}

/** Rewords errors for a user at a terminal, who may have named a server by a variable. */
async function usable<T>(open: () => T | Promise<T>, port?: number): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!RememError.is(error) || (error.code !== "INVALID_OPTION" && error.code !== "MISSING_PACKAGE")) throw error;
    const message = error.message.replace(/`upstreams\.([\w-]+)\.baseURL`/, (text, name: string) => {
      return variableOf(name, process.env, port) ?? text;
    });
    throw new UsageError(inFlags(message), { cause: error });
  }
}

/** Undefined without flags: then clients handle the rate limits of servers. */
async function limitsOf(flags: GatewayFlags, priceOf: Promise<PriceOf>): Promise<Limits | undefined> {
  const { rpm, tpm, maxWait, maxCalls, maxCost } = flags;
  const isLimited = [rpm, tpm, maxWait, maxCalls, maxCost].some((limit) => limit !== undefined);
  if (!isLimited) return undefined;
  const isBudgeted = maxCalls !== undefined || maxCost !== undefined;
  return {
    rpm,
    tpm,
    maxWaitMs: inMilliseconds(maxWait),
    budget: isBudgeted ? createBudget(flags, await priceOf) : undefined,
  };
}

function configured(command: Command): ConfiguredGateway {
  try {
    return configuredGateway(resolveFlags(command).file);
  } catch (error) {
    if (RememError.is(error)) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
}

async function refuse(): Promise<never> {
  throw new RememError(
    "CACHE_MISS",
    "--frozen sends nothing to a server, and remem does not cache requests of this kind.",
  );
}

/** The file that calls are recorded in. */
function journalFile(flag: string | boolean | undefined): string | undefined {
  const chosen = journalOf(flag) ?? process.env.REMEM_JOURNAL;
  return chosen === true ? defaultJournalFile() : chosen || undefined;
}
