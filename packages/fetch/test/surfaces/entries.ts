import { createCall, type JsonObject } from "@remem/core";
import type { PassedThrough } from "../../src/index.ts";
import { type GoldenRequest, goldenRequests } from "../golden/rows.ts";
import type { AnySurface } from "./streams.ts";

/** The key of a request, or why it passes through. */
export function entryOf(
  http: AnySurface,
  { path, headers, body }: Pick<GoldenRequest, "path" | "headers" | "body">,
): { readonly key: string } | PassedThrough {
  const url = new URL(path, "https://api.example.com");
  const found = http.find({ url, headers: new Headers(headers), body });
  return "passes" in found ? found : { key: `${keyOf(http, found.request, found.scope)} ${found.retention?.account}` };
}

function keyOf({ surface }: AnySurface, request: JsonObject, scope: string | undefined): string {
  const ask = async () => ({});
  return createCall(surface, request, { provider: "test", ...(scope !== undefined && { scope }), ask }).key;
}

/**
 * The recorded requests of a surface: a line for each entry, with the calls that share it, and one for each request that passes
 * through. Recordings of one call by several versions of a client count as one.
 */
export function recordedEntries(http: AnySurface): string {
  const entries = new Map<string, Set<string>>();
  for (const request of goldenRequests) {
    if (!http.matches(new URL(request.path, "https://api.example.com"))) continue;
    const name = `${request.client} ${request.call}${request.step === 0 ? "" : ` (${request.step})`}`;
    const entry = entryOf(http, request);
    const line = "passes" in entry ? `passes: ${entry.passes}: ${name}` : entry.key;
    entries.set(line, (entries.get(line) ?? new Set()).add(name));
  }
  const lines = Array.from(entries, ([line, names]) => (line.startsWith("passes") ? line : [...names].join(" = ")));
  return lines.join("\n");
}
