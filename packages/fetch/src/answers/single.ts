import type { Call } from "@remem/core";
import type { Fetched } from "../request/fetched.ts";
import { answerHeaders } from "../response/answer-headers.ts";
import { keptHeaders } from "../response/kept-headers.ts";
import { streamResponse } from "../response/stream-response.ts";
import { wholeResponse } from "../response/whole-response.ts";
import type { HttpSurface, StreamFormat } from "../surfaces/http-surface.ts";
import { askForStream, askWhole } from "../upstream/ask.ts";
import { type Cache, callFor } from "./cache.ts";
import { callIfTooOld } from "./fresh.ts";

type Kind = HttpSurface<object, object>;
type AnyCall = Call<object, object>;

/** Answers a request for one answer. Undefined for a request that passes through. */
export function answerSingle(cache: Cache, kind: Kind, fetched: Fetched): Promise<Response> | undefined {
  const found = kind.find(fetched);
  if ("passes" in found) return undefined;
  const { stream } = kind;
  const format = found.isStream ? (typeof stream === "function" ? stream(fetched.url) : stream) : undefined;
  if (found.isStream && format === undefined) return undefined;
  const asked = { kind, fetched, fetch: cache.fetch, provider: fetched.url.host };
  if (format === undefined) {
    const call = callFor(cache, fetched, kind.surface, found, (_, context) => askWhole(asked, context));
    return call && whole(cache, kind, fetched, call);
  }
  let isLeader = false;
  const call = callFor(cache, fetched, kind.surface, found, (_, context) => {
    isLeader = true;
    return askForStream(asked, format, context);
  });
  return call && streamed(cache, kind, fetched, call, format, () => isLeader);
}

async function whole({ readThrough }: Cache, kind: Kind, fetched: Fetched, call: AnyCall): Promise<Response> {
  const { signal, body } = fetched;
  const stored = await readThrough.get(call, { signal });
  const again = callIfTooOld(call, stored, fetched);
  const outcome = again === undefined ? stored : await readThrough.get(again, { signal });
  const { answer } = outcome;
  return wholeResponse(kind.echo?.(answer, body) ?? answer, answerHeaders(outcome, call.mode));
}

async function streamed(
  cache: Cache,
  kind: Kind,
  fetched: Fetched,
  call: AnyCall,
  format: StreamFormat,
  isLeader: () => boolean,
): Promise<Response> {
  const { readThrough, options } = cache;
  const { signal, body } = fetched;
  const { head, outcome, chunks, leave } = readThrough.follow(call, { signal }, options.replay);
  const all = chunks();
  const first = all.next();
  first.catch(() => {}); // The head rejects for the same reason.
  const early = (await head()) as Headers | undefined;
  if (early === undefined) await first;
  const settled = await Promise.race([outcome, undefined]);
  const again = settled && callIfTooOld(call, settled, fetched);
  if (again !== undefined) return streamed(cache, kind, fetched, again, format, isLeader);
  const running = { source: isLeader() ? ("provider" as const) : ("flight" as const) };
  const headers = { ...answerHeaders(settled ?? running, call.mode), ...(early && keptHeaders(early)) };
  async function* visible(): AsyncGenerator<object, void, undefined> {
    for (let next = await first; !next.done; next = await all.next()) {
      const seen = kind.visible === undefined ? next.value : kind.visible(next.value, body);
      if (seen !== undefined) yield seen;
    }
  }
  return streamResponse({ chunks: visible(), format, headers, signal, leave });
}
