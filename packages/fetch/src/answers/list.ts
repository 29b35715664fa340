import type { AnswerSource, Call } from "@remem/core";
import type { Fetched } from "../request/fetched.ts";
import { cacheStatus } from "../response/cache-status.ts";
import { wholeResponse } from "../response/whole-response.ts";
import type { ListSurface } from "../surfaces/list-surface.ts";
import { askForItems, type Kept } from "../upstream/ask.ts";
import { createItemBatch } from "../upstream/item-batch.ts";
import { type Cache, callFor } from "./cache.ts";

type Kind = ListSurface<object, object>;

/**
 * Answers a request for several answers, each of an entry of its own: the server is asked only for those that are missing, once
 * each. Undefined for a request that passes through.
 */
export function answerList(cache: Cache, kind: Kind, fetched: Fetched): Promise<Response> | undefined {
  const found = kind.findItems(fetched);
  if ("passes" in found) return undefined;
  const { items, scope } = found;
  const upstream = { fetched, fetch: cache.fetch, provider: fetched.url.host };
  const batch = createItemBatch<object>(items.length, (places, signal) => askForItems(upstream, kind, places, signal));
  const calls: Array<Call<object, object>> = [];
  for (const [place, request] of items.entries()) {
    const call = callFor(cache, fetched, kind.surface, { request, scope }, (_, { signal }) => batch.ask(place, signal));
    if (call === undefined) return undefined;
    calls.push(call);
  }
  return answered(cache, kind, fetched, calls, () => batch.settled());
}

async function answered(
  { readThrough }: Cache,
  kind: Kind,
  { signal, body }: Fetched,
  calls: ReadonlyArray<Call<object, object>>,
  settled: () => void,
): Promise<Response> {
  // All that are missing are asked for together.
  const access = readThrough.batchAccess(calls.length);
  const outcomes = await Promise.all(calls.map((call) => readThrough.get(call, { signal }, access).finally(settled)));
  const sources = new Set(outcomes.map(({ source }) => source));
  const source: AnswerSource = sources.has("provider") ? "provider" : sources.has("flight") ? "flight" : "store";
  const kept = outcomes.find(({ kept }) => kept !== undefined)?.kept as Kept["remem"];
  const headers = { ...kept?.headers, ...cacheStatus(source, calls[0]!.mode) };
  const answers = outcomes.map(({ answer }) => answer);
  return wholeResponse(kind.join(answers, body), headers);
}
