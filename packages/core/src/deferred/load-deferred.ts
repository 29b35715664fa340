import type { DeferredCalls, DeferredParts } from "./deferred-calls.ts";

/**
 * Makes jobs for the Batch API of any surface, as `client.deferred` has them for Chat Completions. The first call loads the
 * modules, because most programs never defer.
 */
export async function deferredCalls<Request extends object, Answer extends object, Item, Result extends object>(
  parts: DeferredParts<Request, Answer, Item, Result>,
): Promise<DeferredCalls<Item, Result>> {
  const { createDeferredCalls } = await import("./deferred-calls.ts");
  return createDeferredCalls(parts);
}
