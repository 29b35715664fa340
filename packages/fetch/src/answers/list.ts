import type { AnswerSource, Call, Outcome } from "@remem/core";
import type { Fetched } from "../request/fetched.ts";
import { answerHeaders } from "../response/answer-headers.ts";
import { type PlainResponse, wholeAnswer } from "../response/plain-response.ts";
import type { ListSurface } from "../surfaces/embeddings/list-surface.ts";
import type { PassedThrough } from "../surfaces/http-surface.ts";
import { askForItems, type Kept } from "../upstream/ask.ts";
import { createItemBatch } from "../upstream/item-batch.ts";
import { authorized, type Cache, callFor } from "./cache.ts";
import { callIfTooOld } from "./fresh.ts";

type Kind = ListSurface<object, object>;

/**
 * Answers a request for several answers. Each has an entry of its own, and the server is asked only for the missing ones, once
 * each. Returns the reason if the request passes through.
 */
export function answerList(cache: Cache, kind: Kind, fetched: Fetched): Promise<PlainResponse> | PassedThrough {
  const found = kind.findItems(fetched);
  if ("passes" in found) return found;
  const { items, scope } = found;
  const { fetch, inTurn } = cache;
  const upstream = { fetched, fetch, provider: fetched.url.host, inTurn, scope };
  const batch = createItemBatch<object>(items.length, (places, context) =>
    askForItems(upstream, kind, places, context),
  );
  const calls: Array<Call<object, object>> = [];
  for (const [place, request] of items.entries()) {
    const call = callFor(cache, fetched, kind.surface, { request, scope }, (_, context) => batch.ask(place, context));
    if ("passes" in call) return call;
    calls.push(call);
  }
  return answered(cache, kind, fetched, calls, () => batch.settled());
}

async function answered(
  cache: Cache,
  kind: Kind,
  fetched: Fetched,
  calls: ReadonlyArray<Call<object, object>>,
  settled: () => void,
): Promise<PlainResponse> {
  const { readThrough, options } = cache;
  const { signal, body } = fetched;
  if (options.authorize !== undefined) await authorized(cache, fetched, calls[0]!);
  // All missing answers are requested together.
  const access = readThrough.batchAccess(calls.length);
  async function answer(call: Call<object, object>): Promise<Outcome<object>> {
    const stored = await readThrough.get(call, { signal }, access);
    const again = callIfTooOld(call, stored, fetched);
    return again === undefined ? stored : readThrough.get(again, { signal }, access);
  }
  const outcomes = await Promise.all(calls.map((call) => answer(call).finally(settled)));
  const answers = outcomes.map(({ answer }) => answer);
  return wholeAnswer(JSON.stringify(kind.join(answers, body)), answerHeaders(wholeOf(outcomes), calls[0]!.mode));
}

/** The data for all answers together: a list is as old as its oldest answer, and a hit if each answer is one. */
function wholeOf(outcomes: ReadonlyArray<Outcome<object>>): Pick<Outcome<object>, "source" | "kept"> {
  const sources = new Set(outcomes.map(({ source }) => source));
  const source: AnswerSource = sources.has("provider") ? "provider" : sources.has("flight") ? "flight" : "store";
  const kept = outcomes.flatMap(({ kept }) => (kept === undefined ? [] : [kept as Kept]));
  const oldest = kept.toSorted((one, other) => one.at - other.at)[0];
  return { source, ...(oldest !== undefined && { kept: oldest }) };
}
