import { checkCount, checkOptions, invalidOption } from "@remem/core/plugin";
import type { CachedFetch } from "@remem/fetch";
import { Hono } from "hono";
import { createAnswers, type GatewayStats } from "./answers.ts";
import { type ConnectionLimits, checkConnectionLimits } from "./connections.ts";
import { errorResponse, GatewayError } from "./errors.ts";
import { isLoopbackHost } from "./guard.ts";
import { addHealth } from "./observe/health.ts";
import type { RequestEntry } from "./observe/log.ts";
import { createObserver } from "./observe/observer.ts";
import type { ReadyCheck } from "./observe/readiness.ts";
import type { MetricSamples } from "./observe/samples.ts";
import { addPage } from "./page/page.ts";
import { checkViewedCache, type ViewedCache } from "./page/viewed-cache.ts";
import type { PriceOf } from "./prices.ts";
import { createServer, type Exchange, type ListenOptions } from "./server.ts";
import { createCallers, type OwnFetchOptions } from "./tenants/callers.ts";
import type { Tenant } from "./tenants/tenant.ts";
import { serversOf, type Upstream } from "./upstreams.ts";

/** The options of `createGateway`. */
export interface GatewayOptions {
  /**
   * Makes the `fetch` that answers the requests, for each tenant, or once without tenants: `cachedFetch` of `remem`, or a
   * function that calls it with these and further options. The gateway closes what it has made.
   */
  readonly fetch: (own: OwnFetchOptions) => CachedFetch;
  /**
   * Servers by name. `openai`, `anthropic`, `gemini`, `azure` and `ollama` replace the vendors' own addresses; Azure has none. Any other
   * is reached at `/<name>/`.
   */
  readonly upstreams?: Readonly<Record<string, Upstream>> | undefined;
  /**
   * The maximum size of a body that is read whole, in bytes. All bodies of requests that may be cached are read whole. 64 MiB
   * by default.
   */
  readonly maxBodyBytes?: number | undefined;
  /** The tenants, by name. Without tenants, every program of this machine may use the gateway, and no other. */
  readonly tenants?: Readonly<Record<string, Tenant>> | undefined;
  /** Prices, for tenants with a budget and for `/metrics`. None are known by default. */
  readonly priceOf?: PriceOf | undefined;
  /**
   * The URL of a Redis in which all gateways together count the use of their tenants. By default each process counts for
   * itself, and from zero when it starts.
   */
  readonly redisUrl?: string | undefined;
  /** How long callers may take to send and to read. */
  readonly connections?: ConnectionLimits | undefined;
  /** The check of `/readyz`, which answers 503 if the check rejects, or takes longer than 2 s. */
  readonly ready?: ReadyCheck | undefined;
  /** Called with each request that has ended, as a line of a log: see `openRequestLog`. */
  readonly log?: ((entry: RequestEntry) => void) | undefined;
  /** The cache that tenants with the right `"view"` see in the page at `/_remem/`, which is the package `@remem/view`. */
  readonly view?: ViewedCache | undefined;
  /** Gathers the metrics of all processes that are one gateway, for `/metrics`. By default only those of this process. */
  readonly gatherMetrics?: (() => Promise<ReadonlyArray<readonly MetricSamples[]>>) | undefined;
}

/** A cache behind a port. */
export interface Gateway extends AsyncDisposable {
  /**
   * Listens, and returns an address of the gateway for clients of this machine: `http://127.0.0.1:8787`.
   * @throws {RememError} with code `INVALID_OPTION`, also for a port that is in use, or `MISSING_PACKAGE` if tenants may look
   * at entries and `@remem/view` is not installed
   */
  listen(options?: ListenOptions): Promise<string>;
  /** The figures since its creation. */
  stats(): GatewayStats;
  /** The metrics of this process, for a sum over several: see `metricsText`. */
  metrics(): Promise<readonly MetricSamples[]>;
  /** Refuses new requests, lets running ones finish (30 s, then they are aborted), stops listening, and closes the cache. */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>;
}

const WHERE = "createGateway";
const KNOWN = {
  fetch: true,
  upstreams: true,
  maxBodyBytes: true,
  tenants: true,
  priceOf: true,
  redisUrl: true,
  connections: true,
  ready: true,
  log: true,
  view: true,
  gatherMetrics: true,
} as const satisfies Record<keyof GatewayOptions, true>;
const FUNCTIONS = ["ready", "priceOf", "log", "gatherMetrics"] as const;
const MIB = 1024 * 1024;

/**
 * Creates a server that answers the requests of clients of language models through a cache, each with its caller's own key. It
 * opens a port only in `listen`.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function createGateway(options: GatewayOptions): Gateway {
  checkOptions(WHERE, options, KNOWN);
  const { upstreams, maxBodyBytes = 64 * MIB, tenants, priceOf, redisUrl } = options;
  const { connections, ready, log, gatherMetrics, view } = options;
  checkCount(WHERE, "maxBodyBytes", maxBodyBytes);
  checkConnectionLimits(WHERE, connections);
  if (redisUrl !== undefined && !/^rediss?:\/\//i.test(String(URL.parse(redisUrl)?.href)))
    throw invalidOption(WHERE, "redisUrl", "the URL of a Redis, such as redis://host:6379");
  for (const name of FUNCTIONS) {
    if (!["function", "undefined"].includes(typeof options[name])) throw invalidOption(WHERE, name, "a function");
  }
  const servers = serversOf(WHERE, upstreams);
  const observer = createObserver({ priceOf, log });
  const makeFetch = (tenant: string | undefined, own: OwnFetchOptions): CachedFetch =>
    madeBy(options.fetch, observed(observer.fetchOptions(tenant), own));
  const callers = createCallers(WHERE, { tenants, makeFetch, priceOf, redisUrl });
  checkViewedCache(WHERE, view, tenants);
  const answers = createAnswers({ callers, servers, maxBodyBytes });

  const app = new Hono<{ Bindings: Exchange }>();
  addHealth(app, { callers, ready, metrics: gatherMetrics ?? (async () => [await observer.metrics()]) });
  const page = addPage(app, WHERE, { callers, tenants, view, servers, priceOf });
  app.all("*", ({ env, req: { raw } }) => answers.fromUpstream(env, raw.signal));
  app.onError((error, { env }) => answers.failed(env, error));

  const server = createServer(WHERE, {
    isOpen: callers.haveTokens,
    connections,
    observer,
    direct: answers.fromCache,
    answer: app.fetch,
    refusal: (status) => errorResponse(status === 503 ? CLOSING : UNREADABLE, undefined),
  });
  async function close({ graceMs }: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    await server.close(graceMs);
    await callers.close();
  }
  return {
    async listen(where) {
      await Promise.all([observer.open(), callers.open(), page.open()]);
      const url = await server.listen(where);
      const own = [...servers.values()].find(({ base }) => isSameAddress(base, new URL(url)));
      if (own === undefined) return url;
      await server.close(0);
      throw invalidOption(
        WHERE,
        `upstreams.${own.name}.baseURL`,
        `another address than ${url}, which is the gateway's own`,
      );
    },
    stats: answers.stats,
    metrics: observer.metrics,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function madeBy(make: GatewayOptions["fetch"], own: OwnFetchOptions): CachedFetch {
  const problem = invalidOption(WHERE, "fetch", "`cachedFetch`, or a function that returns what that returns");
  if (typeof make !== "function" || (make as unknown) === globalThis.fetch || "mayCache" in make) throw problem;
  const fetch = make(own);
  if (typeof fetch?.mayCache !== "function") throw problem;
  return fetch;
}

/** The facts of a request are noted before the decision about it. */
function observed(by: Pick<OwnFetchOptions, "onCall" | "authorize">, own: OwnFetchOptions): OwnFetchOptions {
  const { authorize: note } = by;
  const { authorize } = own;
  if (note === undefined || authorize === undefined) return { ...own, ...by };
  return {
    ...own,
    ...by,
    authorize(asked) {
      void note(asked);
      return authorize(asked);
    },
  };
}

const CLOSING = new GatewayError(503, "closing", "the gateway is shutting down.");
const UNREADABLE = new GatewayError(400, "invalid_request", "the request has no valid address or host.");

/** Whether both are the same port of this machine. */
function isSameAddress(one: URL, other: URL): boolean {
  return one.port === other.port && one.protocol === other.protocol && isLoopbackHost(one.host);
}
