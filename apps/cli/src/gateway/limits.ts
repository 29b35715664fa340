import type { Budget, Limits } from "remem";

/** The limits of the whole gateway, and those of one of its tenants. A tenant's own stand for the server's, whose refusals it gets. */
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
