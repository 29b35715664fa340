import type { Call } from "@remem/core";
import type { Fetched } from "../request/fetched.ts";
import { answerHeaders } from "../response/answer-headers.ts";
import { keptHeaders } from "../response/kept-headers.ts";
import { type PlainResponse, wholeAnswer } from "../response/plain-response.ts";
import { streamResponse } from "../response/stream-response.ts";
import { streamText } from "../response/stream-text.ts";
import type { ChunkView, HttpSurface, PassedThrough, StreamFormat } from "../surfaces/http-surface.ts";
import { askForStream, askWhole } from "../upstream/ask.ts";
import { pieces } from "../wire/written.ts";
import { authorized, type Cache, callFor } from "./cache.ts";
import { callIfTooOld } from "./fresh.ts";

const everything: ChunkView = (chunk) => chunk;

type Kind = HttpSurface<object, object>;
type AnyCall = Call<object, object>;

/** Answers a request for one answer, or returns the reason why it passes through. */
export function answerSingle(
  cache: Cache,
  kind: Kind,
  fetched: Fetched,
): Promise<PlainResponse | Response> | PassedThrough {
  const found = kind.find(fetched);
  if ("passes" in found) return found;
  const { stream } = kind;
  const format = found.isStream ? (typeof stream === "function" ? stream(fetched.url) : stream) : undefined;
  if (found.isStream && format === undefined) return { passes: "a stream of this kind" };
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
    return "passes" in call ? call : whole(cache, kind, fetched, call);
  }
  let isLeader = false;
  const call = callFor(cache, fetched, kind.surface, found, (_, context) => {
    isLeader = true;
    return askForStream(asked, format, context);
  });
  return "passes" in call ? call : streamed(cache, kind, fetched, call, format, () => isLeader);
}

async function whole(cache: Cache, kind: Kind, fetched: Fetched, call: AnyCall): Promise<PlainResponse> {
  const { readThrough, options } = cache;
  const { signal, body } = fetched;
  if (options.authorize !== undefined) await authorized(cache, fetched, call);
  const stored = await readThrough.get(call, { signal });
  const again = callIfTooOld(call, stored, fetched);
  const outcome = again === undefined ? stored : await readThrough.get(again, { signal });
  const { answer, json } = outcome;
  const echoed = kind.echo?.(answer, body) ?? answer;
  const text = (echoed === answer ? json : undefined) ?? JSON.stringify(echoed);
  return wholeAnswer(text, answerHeaders(outcome, call.mode));
}

async function streamed(
  cache: Cache,
  kind: Kind,
  fetched: Fetched,
  call: AnyCall,
  format: StreamFormat,
  isLeader: () => boolean,
): Promise<PlainResponse | Response> {
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
  const view = kind.view?.(body) ?? everything;
  if (outcome === undefined || options.replay?.chunkMs !== undefined) {
    return streamResponse({ pieces: pieces(chunks(), format, view), headers, signal, leave });
  }
  const { answer } = outcome;
  const text = streamText(answer, () => kind.surface.chunksOf?.(answer) ?? [], format, view);
  return { status: 200, headers, text, isStream: true };
}
