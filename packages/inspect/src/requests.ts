import type { CacheStore, JsonObject } from "@remem/core";
import { decodeHead, splitEntry } from "@remem/core/plugin";

/** The request of an entry whose store keeps it in the value, such as a row of the Python class. */
export async function requestText(
  store: CacheStore,
  key: string,
  head: string,
  value: string | undefined,
): Promise<string | undefined> {
  if (value === undefined && decodeHead(head)?.hasRequest !== true) return undefined;
  const whole = value ?? (await store.get(key));
  return whole === undefined ? undefined : splitEntry(whole).sidecar;
}

/** The request in the text of a sidecar, with the other keyed facts as its member `remem`. */
export function parsedRequest(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const request: unknown = JSON.parse(text);
    return typeof request === "object" && request !== null && !Array.isArray(request)
      ? (request as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
