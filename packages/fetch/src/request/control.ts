import type { CacheMode } from "@remem/core";
import type { HeaderLookup } from "./plain-request.ts";

/** The prefix of headers that are for the cache. */
export const OWN = "x-remem-";

/** The instructions of a request for the cache: `Cache-Control` (RFC 9111, 5.2.1), and headers of ours. */
export interface Control {
  readonly mode: CacheMode | undefined;
  /** The maximum age of an answer for the caller, in milliseconds. */
  readonly maxAgeMs: number | undefined;
  /** The n-th independent answer. */
  readonly sample: number | undefined;
}

const NOTHING: Control = { mode: undefined, maxAgeMs: undefined, sample: undefined };

/** Directives that mean nothing here are ignored, as RFC 9111 asks. */
export function controlOf(headers: HeaderLookup): Control {
  const header = headers.get("cache-control");
  const sample = headers.get(`${OWN}sample`)?.trim();
  if (header === null && sample === undefined) return NOTHING;
  const directives = directivesIn(header ?? "");
  const maxAgeMs = millisecondsIn(directives.get("max-age"));
  return {
    mode: modeIn(directives, maxAgeMs),
    maxAgeMs,
    sample: sample !== undefined && /^\d{1,15}$/.test(sample) ? Number(sample) : undefined,
  };
}

function modeIn(directives: ReadonlyMap<string, string>, maxAgeMs: number | undefined): CacheMode | undefined {
  if (directives.has("no-store")) return "no-store";
  if (directives.has("only-if-cached")) return "only-if-cached";
  return directives.has("no-cache") || maxAgeMs === 0 ? "reload" : undefined;
}

function directivesIn(header: string): Map<string, string> {
  const pairs = header.split(",").map((text): [string, string] => {
    const [name = "", value = ""] = text.split("=", 2);
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1")];
  });
  return new Map(pairs);
}

function millisecondsIn(seconds: string | undefined): number | undefined {
  return seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}
