import { isMembers, membersOf } from "../stream/members.ts";

/** The delay that the server asks for, in milliseconds: `retry-after-ms`, or `Retry-After` (RFC 9110, 10.2.3). */
export function retryAfterMs(headers: Headers): number | undefined {
  const milliseconds = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (!Number.isNaN(milliseconds)) return Math.max(0, milliseconds);
  const after = headers.get("retry-after") ?? "";
  if (/^\s*\d+(\.\d+)?\s*$/.test(after)) return Number(after) * 1_000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/**
 * The delay that an error in Google's form asks for, in milliseconds. Gemini has no header for it:
 * https://cloud.google.com/apis/design/errors#error_details
 */
export function retryDelayMs(body: unknown): number | undefined {
  const { error } = isMembers(body) ? body : {};
  for (const { retryDelay } of membersOf(isMembers(error) ? error.details : undefined)) {
    if (typeof retryDelay === "string") return durationMs(retryDelay);
  }
  return undefined;
}

/**
 * How long a limit stays exhausted, in milliseconds; undefined if none is. Headers of OpenAI, Azure and Groq:
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 */
export function usedUpMs(headers: Headers): number | undefined {
  const waits = ["requests", "tokens"].flatMap((unit) => {
    if (headers.get(`x-ratelimit-remaining-${unit}`)?.trim() !== "0") return [];
    return durationMs(headers.get(`x-ratelimit-reset-${unit}`) ?? "") ?? [];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `6m0s`, `20ms` or `7.66s`, or seconds without a unit. */
function durationMs(text: string): number | undefined {
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text) * 1_000;
  if (!/^\s*(\d+(\.\d+)?(ms|[smhd])\s*)+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) sum += Number(count) * UNITS[unit!]!;
  return sum;
}
