import type { Budget, Limits } from "remem";

/**
 * Combines the limits of a tenant with those of the whole gateway. Without limits of the gateway, the tenant gets a server's
 * refusals at once.
 */
export function together(own: Limits | undefined, all: Limits | undefined): Limits | undefined {
  if (own === undefined || all === undefined) return own ?? all;
  return { ...own, ...all, budget: bothBudgets(own.budget, all.budget) };
}

function bothBudgets(one: Budget | undefined, other: Budget | undefined): Budget | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    async reserve(request, estimate) {
      const settleOne = await one.reserve(request, estimate);
      try {
        const settleOther = await other.reserve(request, estimate);
        return (answer, tokens) => {
          settleOne(answer, tokens);
          settleOther(answer, tokens);
        };
      } catch (error) {
        settleOne();
        throw error;
      }
    },
  };
}
