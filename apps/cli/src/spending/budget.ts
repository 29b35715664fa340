import { type Budget, type JsonObject, RememError } from "remem";
import { dollars, number } from "../progress/figures.ts";
import type { PriceOf } from "./prices.ts";

export interface BudgetFlags {
  /** The maximum number of calls of the provider in this run. */
  readonly maxCalls?: number;
  /** The maximum cost of this run, in dollars. */
  readonly maxCost?: number;
}

/** The minimum estimate for an answer without a limit, in tokens. */
const SMALL_ANSWER = 1_000;
/** English has four bytes a token and Chinese about three. The estimate is above the actual number. */
const BYTES_PER_TOKEN = 3;

/** A request of any kind, as it is keyed. */
interface Request extends JsonObject {
  readonly model?: string;
  readonly generationConfig?: JsonObject;
  readonly options?: JsonObject;
}

/** Names of parameters that limit an answer, on all servers. */
const LIMITS = ["max_completion_tokens", "max_tokens", "max_output_tokens", "maxOutputTokens", "num_predict"];
/** Names of parameters that ask for several answers. */
const CHOICES = ["n", "candidateCount"];

/** Stops before going over. A call reserves its maximum cost, which its usage replaces. */
export function createBudget({ maxCalls, maxCost }: BudgetFlags, priceOf: PriceOf): Budget {
  let calls = 0;
  let spent = 0;
  let largest = SMALL_ANSWER;

  function priceAtMost(request: Request): number {
    const { model, generationConfig, options } = request;
    const input = Math.ceil(Buffer.byteLength(JSON.stringify(request)) / BYTES_PER_TOKEN);
    const parameters: JsonObject = { ...request, ...generationConfig, ...options };
    const countIn = (names: readonly string[]): number | undefined =>
      names.map((name) => parameters[name]).find((value) => typeof value === "number" && value > 0) as
        | number
        | undefined;
    const output = (countIn(LIMITS) ?? largest) * (countIn(CHOICES) ?? 1);
    const price = model === undefined ? undefined : priceOf(model, { input, output });
    if (price !== undefined) return price;
    throw exceeded(
      `--max-cost cannot be kept, because the price of ${JSON.stringify(model) ?? "a request without a model"} is unknown. Use --max-calls.`,
    );
  }

  return {
    reserve(request) {
      if (maxCalls !== undefined && calls >= maxCalls) throw exceeded(`--max-calls ${number(maxCalls)} is reached.`);
      let reserved = 0;
      if (maxCost !== undefined) {
        reserved = priceAtMost(request as Request);
        if (spent + reserved > maxCost) {
          throw exceeded(
            `the next call may cost ${dollars(reserved)}, and ${dollars(spent)} of --max-cost ${dollars(maxCost)} is spent.`,
          );
        }
      }
      calls += 1;
      spent += reserved;
      return (_, tokens) => {
        if (maxCost === undefined) return;
        const { prompt = 0, completion = 0 } = tokens ?? {};
        // The cost of a call without usage, such as a failed one, is unknown. So it stays reserved.
        if (prompt + completion === 0) return;
        largest = Math.max(largest, completion);
        spent += (priceOf((request as Request).model!, { input: prompt, output: completion }) ?? 0) - reserved;
      };
    },
  };
}

const exceeded = (problem: string): RememError => new RememError("BUDGET_EXCEEDED", problem);
