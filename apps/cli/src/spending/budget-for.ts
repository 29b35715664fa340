import type { Budget } from "remem";
import { type ClientFlags, serverOf } from "../flags/client-flags.ts";
import { type BudgetFlags, createBudget } from "./budget.ts";
import { loadPrices } from "./prices.ts";

/** The budget of a batch. Undefined without a limit. `share` is the part of the list price that is paid. */
export async function budgetFor(flags: ClientFlags & BudgetFlags, share = 1): Promise<Budget | undefined> {
  const { maxCalls, maxCost, prices } = flags;
  if (maxCalls === undefined && maxCost === undefined) return undefined;
  const priceOf = maxCost === undefined ? () => undefined : await loadPrices(serverOf(flags), prices, share);
  return createBudget(flags, priceOf);
}
