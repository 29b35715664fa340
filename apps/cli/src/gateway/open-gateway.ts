import type { Gateway } from "@remem/gateway";
import type { Command } from "commander";
import { cachedFetch, defaultJournalFile, type Limits, RememError, type RememFetchOptions, storeFromUrl } from "remem";
import { type ConfiguredGateway, type ConfiguredUpstream, configuredGateway } from "remem/config";
import { ConfigError } from "../config/config-error.ts";
import { inMilliseconds, resolveFlags } from "../config/resolve-flags.ts";
import type { ClientFlags } from "../flags/client-flags.ts";
import { inFlags } from "../flags/in-flags.ts";
import { journalOf } from "../flags/journal-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { createCostOf } from "../journal/rates.ts";
import { createTally } from "../journal/tally.ts";
import { type BudgetFlags, createBudget } from "../spending/budget.ts";
import { loadPrices, type PriceOf } from "../spending/prices.ts";
import { gatewaySummary } from "./gateway-summary.ts";
import { together } from "./limits.ts";
import { loadGateway } from "./load-gateway.ts";
import { upstreamsOf, variableOf } from "./upstreams.ts";

export interface GatewayFlags
  extends Pick<ClientFlags, "store" | "cache" | "journal" | "ttlMs" | "prices" | "rpm" | "tpm" | "maxWait">,
    BudgetFlags {
  /** Answers from the store alone, and asks no server. */
  readonly frozen?: boolean;
}

/** A gateway as a command runs it. */
export interface OpenGateway {
  /** The names of those who may use it. Undefined where every program of this machine may. */
  readonly tenants: readonly string[] | undefined;
  /** The servers behind it that are configured. */
  readonly upstreams: Readonly<Record<string, ConfiguredUpstream>>;
  listen: Gateway["listen"];
  /** Ends it and its store, and returns what it has done. */
  close(options?: Parameters<Gateway["close"]>[0]): Promise<string>;
}

/**
 * Opens the gateway that the flags, variables and the configuration file describe. `port` is the one that it will listen on. One that
 * `hasTenants` is for those of the file, if it names any.
 * @throws {UsageError} where a flag or the file cannot be used
 */
export async function openGateway(
  flags: GatewayFlags,
  command: Command,
  { port, hasTenants = false }: { readonly port?: number; readonly hasTenants?: boolean } = {},
): Promise<OpenGateway> {
  const { store, cache, journal, ttlMs, prices, frozen = false } = flags;
  const startedAt = performance.now();
  const config = configured(command);
  const upstreams = upstreamsOf(config.upstreams, process.env, port);
  const tenants = hasTenants ? config.tenants : undefined;
  const { createGateway } = await loadGateway();
  // The list of prices takes longer to load than a program to start.
  const priceOf = loadPrices(undefined, prices);
  const tally = priceOf.then((priceOf) => createTally(createCostOf(priceOf)));
  const limits = await limitsOf(flags, priceOf);
  const knownPrices = tenants && (await priceOf);
  const file = journalFile(journal);
  const gateway = await usable(() => {
    const options = {
      store: storeFromUrl(store, { config: false }),
      cache: frozen ? "only-if-cached" : cache,
      ttlMs,
      limits,
      config: false, // The flags are completed already.
      journal: file,
      onCall: (call) => void tally.then(({ add }) => add(call)),
      ...(frozen && { fetch: refuse }),
    } satisfies RememFetchOptions;
    return createGateway({
      fetch: (own) => cachedFetch({ ...own, ...options, limits: together(own.limits, options.limits) }),
      upstreams,
      tenants,
      priceOf: knownPrices,
      redisUrl: config.redis ?? (isRedis(store) ? store : undefined),
    });
  }, port);
  return {
    tenants: tenants && Object.keys(tenants),
    upstreams,
    listen: (options) => usable(() => gateway.listen(options), port),
    async close(options) {
      await gateway.close(options);
      const elapsedMs = performance.now() - startedAt;
      return gatewaySummary({ gateway: gateway.stats(), tally: await tally, elapsedMs });
    },
  };
}

const isRedis = (url: string | undefined): boolean => url !== undefined && /^rediss?:/i.test(url);

/** Words errors as a person at a terminal reads them, who may have named a server by a variable. */
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

/** Undefined without flags: then a rate limit of a server is the matter of its client. */
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
    "--frozen asks no server, and this request is none that can be answered from the store.",
  );
}

/** The file that calls are recorded in. */
function journalFile(flag: string | boolean | undefined): string | undefined {
  const chosen = journalOf(flag) ?? process.env.REMEM_JOURNAL;
  return chosen === true ? defaultJournalFile() : chosen || undefined;
}
