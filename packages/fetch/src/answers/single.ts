import type { Call } from "@remem/core";
import type { Fetched } from "../request/fetched.ts";
import { answerHeaders } from "../response/answer-headers.ts";
import { keptHeaders } from "../response/kept-headers.ts";
import { streamResponse } from "../response/stream-response.ts";
import { rememberingText, wholeResponse } from "../response/whole-response.ts";
import type { HttpSurface, StreamFormat } from "../surfaces/http-surface.ts";
import { askForStream, askWhole } from "../upstream/ask.ts";
import { pieces, type View, written } from "../wire/written.ts";
import { authorized, type Cache, callFor } from "./cache.ts";
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
  const { fetch, inTurn } = cache;
  const asked = {
    kind,
    fetched,
    fetch,
    provider: fetched.url.host,
    inTurn,
    scope: found.scope,
    request: found.request,
  };
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

async function whole(cache: Cache, kind: Kind, fetched: Fetched, call: AnyCall): Promise<Response> {
  const { readThrough, options } = cache;
  const { signal, body } = fetched;
  if (options.authorize !== undefined) await authorized(cache, fetched, call);
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
  if (options.authorize !== undefined) await authorized(cache, fetched, call);
  const { begun, chunks, leave } = readThrough.follow(call, { signal }, options.replay);
  const { head, outcome } = await begun();
  const again = outcome && callIfTooOld(call, outcome, fetched);
  if (again !== undefined) return streamed(cache, kind, fetched, again, format, isLeader);
  const known = outcome ?? { source: isLeader() ? "provider" : "flight" };
  const headers = {
    "content-type": format.contentType,
    ...answerHeaders(known, call.mode),
    ...(head && keptHeaders(head as Headers)),
  };
  const view: View = (chunk) => (kind.visible === undefined ? chunk : kind.visible(chunk, body));
  if (outcome === undefined || options.replay?.chunkMs !== undefined) {
    return streamResponse({ pieces: pieces(chunks(), format, view), headers, signal, leave });
  }
  const text = written(kind.surface.chunksOf?.(outcome.answer) ?? [], format, view);
  return rememberingText(streamResponse({ pieces: [text].values(), headers, signal, leave }), text);
}
