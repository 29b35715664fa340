import { type InferResult, isAnswer } from "remem";
import { type ClientFlags, createClientFor, requestWith, serverOf } from "../flags/client-flags.ts";
import { inFlags } from "../flags/in-flags.ts";
import { shownOn } from "../output/terminal.ts";
import { formatPlan } from "../progress/plan-text.ts";
import { createRequestReader, type RequestFlags } from "../requests/read-requests.ts";
import type { RequestLine } from "../requests/request-line.ts";
import { createForecast } from "../spending/forecast.ts";
import { loadPrices } from "../spending/prices.ts";
import { createTokenCounter } from "../spending/token-count.ts";
import { keepHeapSmall } from "./small-heap.ts";

export interface PlanFlags extends Omit<ClientFlags, "cache">, Omit<RequestFlags, "output"> {
  readonly samples?: number;
  readonly json?: boolean;
}

/** Prints what a batch would ask and cost, and sends nothing. */
export async function plan(inputPath: string, flags: PlanFlags): Promise<number> {
  keepHeapSmall();
  const reader = createRequestReader(inputPath, { ...flags, output: "-" });
  await reader.count();
  const requests = await reader.open();
  // A plan asks no provider, so it records nothing.
  const own = { ...flags, cache: "only-if-cached", journal: false } as const;
  const client = createClientFor(own, { storeModel: requests.model });
  const forecast = createForecast(await createTokenCounter(), await loadPrices(serverOf(flags), flags.prices));
  const started: RequestLine[] = [];
  const { samples } = flags;
  let firstProblem: string | undefined;

  async function* items() {
    for await (const line of requests.lines) {
      for (let sample = 0; sample < (samples ?? 1); sample++) started.push(line);
      yield line.item;
    }
  }
  try {
    for await (const result of client.inferEach(items(), { samples })) {
      const line = started.shift()!;
      if (isAnswer(result)) forecast.hit(result as InferResult);
      else if (result.error.code === "CACHE_MISS") forecast.miss(result.key!, requestWith(flags, line.item));
      else {
        forecast.invalid();
        firstProblem ??= line.problem ?? inFlags(result.error.message);
      }
    }
  } finally {
    await client.close();
  }
  const { rpm, tpm } = flags;
  const found = forecast.read({ rpm, tpm });
  console.log(shownOn(process.stdout, flags.json ? JSON.stringify(found) : formatPlan(found)));
  if (firstProblem === undefined) return 0;
  console.error(shownOn(process.stderr, `remem: ${found.invalid} invalid; the first: ${firstProblem}`));
  return 1;
}
