import { type CallAmount, type CallSum, callsOf, hitRateOf } from "@remem/inspect";
import { isoTime } from "../output/amounts.ts";
import { timesGone } from "./costly.ts";
import type { JournalReport } from "./report.ts";

/** A report as a program reads it. */
export function recordOf(report: JournalReport): object {
  const { file, size, from, to, total, failures, notStored, unit, byModel, byTime, costly, skipped } = report;
  return {
    file,
    bytes: size,
    from: isoTime(from),
    to: isoTime(to),
    ...sumRecord(total),
    failures_by_code: failures,
    not_stored: notStored,
    by_model: sumRecords(byModel),
    [`by_${unit}`]: sumRecords(byTime),
    most_expensive: costly.map((paid) => ({
      key: paid.key,
      model: paid.model,
      times: paid.times,
      prompt_tokens: paid.prompt,
      completion_tokens: paid.completion,
      cost_usd: paid.dollars,
      ms: paid.durationMs,
      not_stored: paid.reasons,
      expired_or_removed: timesGone(paid),
    })),
    most_expensive_is_capped: report.isCapped,
    skipped_lines: skipped,
  };
}

function sumRecords(sums: ReadonlyMap<string, CallSum>): object {
  return Object.fromEntries(Array.from(sums, ([name, sum]) => [name, sumRecord(sum)]));
}

function sumRecord(sum: CallSum): object {
  const { hits, joined, misses, failures, paid, saved } = sum;
  return {
    calls: callsOf(sum),
    hits,
    joined,
    misses,
    failures,
    hit_rate: hitRateOf(sum),
    paid: amountRecord(paid),
    saved: amountRecord(saved),
  };
}

function amountRecord({ prompt, completion, dollars, unpriced }: CallAmount): object {
  return { prompt_tokens: prompt, completion_tokens: completion, cost_usd: dollars, unpriced };
}
