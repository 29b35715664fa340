import { DEFERRED_SHARE } from "@remem/inspect";
import type { ChatRequest, InferResult } from "remem";
import { countsOf } from "./cost.ts";
import type { PriceOf } from "./prices.ts";
import type { TokenCounter } from "./token-count.ts";

/** The forecast of a batch. */
export interface Plan {
  /** Answers that the batch would give, invalid lines included. */
  readonly answers: number;
  readonly invalid: number;
  readonly hits: number;
  /** Distinct requests that are not stored, which the batch would send. */
  readonly calls: number;
  /** Further requests that are equal to one of these, and would not be sent. */
  readonly repeats: number;
  /** The tokens of the prompts that would be sent. */
  readonly promptTokens: number;
  /** Whether a tokenizer has counted them. Otherwise they are estimated by their length. */
  readonly counted: boolean;
  /** The maximum number of tokens of the answers. Left out if a request does not limit its answer. */
  readonly maxAnswerTokens?: number;
  /** The tokens of the answers, if they are as long as the stored ones. Left out if there are none. */
  readonly usualAnswerTokens?: number;
  readonly cost: PlannedCost;
  /** The same with `--deferred`, if the Batch API of the provider takes half the price. */
  readonly deferredCost: Omit<PlannedCost, "unknown">;
  /** The shortest time under the given limits. Left out without limits. */
  readonly minutes?: number;
}

/** In dollars, by list prices. */
export interface PlannedCost {
  /** The prompts alone. */
  readonly least: number;
  /** With answers of maximum length. */
  readonly most?: number;
  /** With answers that are as long as the stored ones. */
  readonly usual?: number;
  /** The number of calls to models whose price is unknown, by model. */
  readonly unknown: Readonly<Record<string, number>>;
}

/** Adds up the forecast of a batch. */
export interface Forecast {
  hit(result: InferResult): void;
  miss(key: string, request: ChatRequest): void;
  invalid(): void;
  read(limits: { readonly rpm?: number | undefined; readonly tpm?: number | undefined }): Plan;
}

interface Miss {
  readonly model: string;
  readonly input: number;
  readonly maxOutput: number | undefined;
}

export function createForecast(tokens: TokenCounter, priceOf: PriceOf): Forecast {
  const misses = new Map<string, Miss>();
  let invalid = 0;
  let hits = 0;
  let storedTokens = 0;
  let repeats = 0;

  return {
    hit({ completion: { usage } }) {
      hits += 1;
      if (usage) storedTokens += countsOf(usage).output;
    },
    miss(key, request) {
      if (misses.has(key)) {
        repeats += 1;
        return;
      }
      const { model, n, max_completion_tokens, max_tokens } = request;
      const most = max_completion_tokens ?? max_tokens ?? undefined;
      const maxOutput = most && most * (n ?? 1);
      misses.set(key, { model, input: tokens.count(request), maxOutput });
    },
    invalid() {
      invalid += 1;
    },
    read({ rpm, tpm }) {
      const calls = [...misses.values()];
      const sumOf = (of: (miss: Miss) => number): number => calls.reduce((sum, miss) => sum + of(miss), 0);
      const costOf = (output: (miss: Miss) => number): number =>
        sumOf((miss) => priceOf(miss.model, { input: miss.input, output: output(miss) }) ?? 0);
      const promptTokens = sumOf(({ input }) => input);
      const isLimited = calls.every(({ maxOutput }) => maxOutput !== undefined);
      const usual = hits === 0 ? undefined : storedTokens / hits;
      const atMost = (miss: Miss): number => miss.maxOutput ?? 0;
      const asUsual = (miss: Miss): number => Math.min(usual ?? 0, miss.maxOutput ?? Number.POSITIVE_INFINITY);
      const unknown: Record<string, number> = {};
      for (const { model } of calls) {
        if (priceOf(model, { input: 1, output: 1 }) === undefined) unknown[model] = (unknown[model] ?? 0) + 1;
      }
      const minutes = Math.max(
        rpm === undefined ? 0 : calls.length / rpm,
        tpm === undefined ? 0 : (promptTokens + sumOf(usual === undefined ? atMost : asUsual)) / tpm,
      );
      const cost = {
        least: costOf(() => 0),
        ...(isLimited && { most: costOf(atMost) }),
        ...(usual !== undefined && { usual: costOf(asUsual) }),
      };
      return {
        answers: invalid + hits + calls.length + repeats,
        invalid,
        hits,
        calls: calls.length,
        repeats,
        promptTokens,
        counted: tokens.isExact,
        ...(isLimited && { maxAnswerTokens: sumOf(atMost) }),
        ...(usual !== undefined && { usualAnswerTokens: Math.round(sumOf(asUsual)) }),
        cost: { ...cost, unknown },
        deferredCost: {
          least: DEFERRED_SHARE * cost.least,
          ...(cost.most !== undefined && { most: DEFERRED_SHARE * cost.most }),
          ...(cost.usual !== undefined && { usual: DEFERRED_SHARE * cost.usual }),
        },
        ...((rpm !== undefined || tpm !== undefined) && { minutes }),
      };
    },
  };
}
