import type { JsonObject } from "@remem/core/plugin";
import type { HeaderLookup } from "../request/plain-request.ts";

/**
 * The headers that change the answer, as members of the keyed request. Each is a set of names separated by commas, whose order
 * means nothing.
 */
export function keyedHeaders(headers: HeaderLookup, names: readonly string[]): JsonObject {
  const members: { [name: string]: string } = {};
  for (const name of names) {
    const values = new Set((headers.get(name) ?? "").split(",").map((value) => value.trim()));
    values.delete("");
    if (values.size > 0) members[name] = [...values].sort().join(",");
  }
  return members;
}
