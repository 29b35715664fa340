import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";
import { messageOf } from "@remem/core/plugin";
import type { CachedFetchOptions } from "@remem/fetch";
import type { PriceOf } from "../prices.ts";
import { entryOf, type RequestEntry, statusOf } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { processSamples } from "./metrics-text.ts";
import { type GatewayRequest, isProbe } from "./request.ts";
import type { MetricSamples } from "./samples.ts";
import { hasTracerProvider, openTracing, type Tracing } from "./tracing.ts";

/**
 * Observes the requests and calls of a gateway. It always counts them, and logs and traces them if that is configured. It
 * ignores health checks.
 */
export interface Observer {
  /** Prepares for requests. Until then none is traced. */
  open(): Promise<void>;
  /** Called when a request has arrived. `handle` handles it. */
  began(request: GatewayRequest, handle: () => void): void;
  /** Called when its response has ended, or its caller has left. */
  ended(request: GatewayRequest, response: ServerResponse): void;
  /** The options with which the `cachedFetch` of a tenant reports its calls. */
  fetchOptions(tenant: string | undefined): Pick<CachedFetchOptions, "onCall" | "authorize">;
  /** The counts, and the figures of this process. */
  metrics(): Promise<MetricSamples[]>;
}

export interface ObserverOptions {
  readonly priceOf: PriceOf | undefined;
  readonly log: ((entry: RequestEntry) => void) | undefined;
}

/** Creates an observer. With neither a log nor a tracer it does no more for a request than to count it. */
export function createObserver({ priceOf, log }: ObserverOptions): Observer {
  const metrics = createMetrics(priceOf);
  const isTraced = hasTracerProvider();
  // Facts that the cache knows about a request are noted on the request, if a log or a trace reads them.
  const current = log === undefined && !isTraced ? undefined : new AsyncLocalStorage<GatewayRequest>();
  const times = new WeakMap<GatewayRequest, number>();
  let tracing: Tracing | undefined;

  function beganWatched(request: GatewayRequest, handle: () => void, storage: AsyncLocalStorage<GatewayRequest>): void {
    times.set(request, performance.now());
    const inStorage = (): void => storage.run(request, handle);
    if (tracing === undefined) inStorage();
    else tracing.within(request, inStorage);
  }
  function logged(entry: RequestEntry): void {
    try {
      log?.(entry);
    } catch (error) {
      // As for other listeners of the user: an error such as a full disk must not end the process.
      process.emitWarning(`\`log\` threw: ${messageOf(error)}`, { type: "RememWarning", code: "REMEM_LISTENER" });
    }
  }
  return {
    async open() {
      if (isTraced) tracing ??= await openTracing();
    },
    began(request, handle) {
      if (isProbe(request)) {
        handle();
        return;
      }
      metrics.began();
      if (current === undefined) handle();
      else beganWatched(request, handle, current);
    },
    ended(request, response) {
      if (isProbe(request)) return;
      const { refusal, tenant } = request;
      metrics.ended(statusOf(response), tenant);
      if (refusal !== undefined) metrics.refused(refusal, tenant);
      if (current === undefined) return;
      tracing?.ended(request, response);
      logged(entryOf(request, response, performance.now() - times.get(request)!));
    },
    fetchOptions: (tenant) => ({
      onCall: (call) => metrics.call(call, tenant),
      ...(current !== undefined && {
        authorize({ surface, model }) {
          const request = current.getStore();
          if (request !== undefined) Object.assign(request, { surface, model });
        },
      }),
    }),
    metrics: async () => [...metrics.samples(), ...(await processSamples())],
  };
}
