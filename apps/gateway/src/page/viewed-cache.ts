import { type CacheStore, checkOptions, invalidOption } from "@remem/core/plugin";
import type { Tenant } from "../tenants/tenant.ts";

/** The cache that tenants with the right `"view"` see. Each tenant sees the entries of its own scope, and of models that it may ask. */
export interface ViewedCache {
  /** The store that holds the answers. Its owner closes it. */
  readonly store: CacheStore;
  /**
   * Reads a pasted request, to explain why it misses. Its address is one of the gateway or of a server behind it. Rejects with
   * an error whose message describes the problem of the text. Without it the page explains no misses.
   */
  readonly requestIn?: ((text: string) => Promise<SentRequest>) | undefined;
}

/** A request as a program sends it over HTTP. */
export interface SentRequest {
  /** The whole address. */
  readonly url: string;
  /** The method of HTTP. */
  readonly method: string;
  /** The headers of the program. */
  readonly headers: Headers;
  /** The body as text. */
  readonly body: string;
}

const KNOWN = { store: true, requestIn: true } as const satisfies Record<keyof ViewedCache, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkViewedCache(
  where: string,
  view: ViewedCache | undefined,
  tenants: Readonly<Record<string, Tenant>> = {},
): void {
  if (view === undefined) {
    const viewer = Object.entries(tenants).find(([, { rights }]) => rights?.includes("view"))?.[0];
    if (viewer === undefined) return;
    throw invalidOption(
      where,
      "view",
      `an object with the \`store\` that the tenant ${JSON.stringify(viewer)} may look at`,
    );
  }
  checkOptions(`${where}: \`view\``, view, KNOWN);
  if (view.store?.specVersion !== 1) throw invalidOption(where, "view.store", "a store");
  if (view.requestIn !== undefined && typeof view.requestIn !== "function")
    throw invalidOption(where, "view.requestIn", "a function");
}
