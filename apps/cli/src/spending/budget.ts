import { type Budget, type ChatCompletion, type ChatRequest, RememError } from "remem";
import { dollars, number } from "../progress/figures.ts";
import type { PriceOf } from "./prices.ts";

export interface BudgetFlags {
  /** The most calls of the provider in this run. */
  readonly maxCalls?: number;
  /** The most that this run may cost, in dollars. */
  readonly maxCost?: number;
}

/** The least that an answer without a limit may have, in tokens. */
const SMALL_ANSWER = 1_000;
/** English has four bytes a token and Chinese about three. More tokens are expected than will be. */
const BYTES_PER_TOKEN = 3;

/** Stops before going over. A call reserves what it can cost at most; its usage replaces that. */
export function createBudget(
  { maxCalls, maxCost }: BudgetFlags,
  priceOf: PriceOf,
): Budget<ChatRequest, ChatCompletion> {
  let calls = 0;
  let spent = 0;
  let largest = SMALL_ANSWER;

  function priceAtMost(request: ChatRequest): number {
    const { model, messages, tools, n, max_completion_tokens, max_tokens } = request;
    const input = Math.ceil(Buffer.byteLength(JSON.stringify([messages, tools])) / BYTES_PER_TOKEN);
    const output = (max_completion_tokens ?? max_tokens ?? largest) * (n ?? 1);
    const price = priceOf(model, { input, output });
    if (price !== undefined) return price;
    throw exceeded(
      `--max-cost cannot be kept, because the price of ${JSON.stringify(model)} is unknown. Use --max-calls.`,
    );
  }

  return {
    reserve(request) {
      if (maxCalls !== undefined && calls >= maxCalls) throw exceeded(`--max-calls ${number(maxCalls)} is reached.`);
      let reserved = 0;
      if (maxCost !== undefined) {
        reserved = priceAtMost(request);
        if (spent + reserved > maxCost) {
          throw exceeded(
            `the next call may cost ${dollars(reserved)}, and ${dollars(spent)} of --max-cost ${dollars(maxCost)} is spent.`,
          );
        }
      }
      calls += 1;
      spent += reserved;
      return (completion) => {
        if (maxCost === undefined) return;
        const usage = completion?.usage;
        if (!usage) return; // What a failed call has cost is unknown, so that it stays reserved.
        largest = Math.max(largest, usage.completion_tokens);
        spent +=
          (priceOf(request.model, { input: usage.prompt_tokens, output: usage.completion_tokens }) ?? 0) - reserved;
      };
    },
  };
}

const exceeded = (problem: string): RememError => new RememError("BUDGET_EXCEEDED", problem);
