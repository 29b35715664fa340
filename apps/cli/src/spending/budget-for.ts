import type { Budget } from "remem";
import { type ClientFlags, serverOf } from "../flags/client-flags.ts";
import { type BudgetFlags, createBudget } from "./budget.ts";
import { loadPrices } from "./prices.ts";

/** The budget of a batch. Undefined without a limit. `share` is the part of the list price that is paid. */
export async function budgetFor(
  flags: ClientFlags & BudgetFlags,
  { share = 1, server = serverOf(flags) }: { readonly share?: number; readonly server?: string | undefined } = {},
): Promise<Budget | undefined> {
  const { maxCalls, maxCost, prices } = flags;
  if (maxCalls === undefined && maxCost === undefined) return undefined;
  const priceOf = maxCost === undefined ? () => undefined : await loadPrices(server, prices, share);
  return createBudget(flags, priceOf);
}
