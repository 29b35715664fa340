import { type AskContext, type Budget, type CacheStore, type Limits, RememError, type TokenCount } from "@remem/core";
import { type JsonObject, messageOf, paced, type Surface } from "@remem/core/plugin";

/** One request to a server. */
export interface Asking<Result extends object> {
  /** The server's address and the caller's account. Each account has its own limits. */
  readonly account: string;
  /** Names the server in errors and events. */
  readonly provider: string;
  readonly surface: Pick<Surface<never, object>, "tokens" | "aggregate">;
  /** The request for the budget. */
  readonly request: object;
  /** The answers in the result. */
  answersIn(result: Result): readonly object[];
  /** Returns the answer for the budget. */
  shown(result: Result): object;
  ask(context: AskContext): Promise<Result>;
}

/** Asks when the limits allow it. A rate limit of the server is waited for once, for all requests of the account. */
export type InTurn = <Result extends object>(asking: Asking<Result>, context: AskContext) => Promise<Result>;

/** The accounts at servers that ask on behalf of a store. Limits know each by the identity of its object. */
const accountsOfStores = new WeakMap<CacheStore, Map<string, { readonly id: string }>>();

export function createInTurn({ budget, ...limits }: Limits, store: CacheStore): InTurn {
  const accounts = accountsOfStores.get(store) ?? new Map<string, { readonly id: string }>();
  accountsOfStores.set(store, accounts);
  return (asking, context) => {
    const { account, provider: id, request, surface, answersIn, shown, ask } = asking;
    const provider = accounts.get(account) ?? { id };
    accounts.set(account, provider);
    const estimate = (): number => estimateTokens(request as JsonObject, surface.aggregate !== undefined);
    const askInTurn = paced({
      provider,
      limits: { ...limits, budget: budget && withRefusals(budget, shown) },
      ask: (_, turn) => ask(turn),
      estimate,
      tokens: (result: Awaited<ReturnType<typeof ask>>) => tokensOf(surface, answersIn(result)),
    });
    return askInTurn(request, context);
  };
}

/** Every error of a budget is a refusal: after any other failure clients would ask again. */
function withRefusals<Result extends object>(
  budget: Budget,
  shown: (result: Result) => object,
): Budget<object, Result> {
  return {
    async reserve(request, estimate) {
      try {
        const settle = await budget.reserve(request, estimate);
        return (result, tokens) => settle(result && shown(result), tokens);
      } catch (error) {
        if (RememError.is(error) && (error.code === "BUDGET_EXCEEDED" || error.code === "RATE_LIMITED")) throw error;
        const problem = `\`limits.budget\` refused the request: ${messageOf(error)}`;
        throw new RememError("BUDGET_EXCEEDED", problem, { cause: error });
      }
    },
  };
}

const CHARACTERS_PER_TOKEN = 4;
/** The tokens of an answer that the request does not limit. */
const USUAL_COMPLETION = 256;

/** Estimates the tokens of a request and its answer, before the server counts them. */
export function estimateTokens(request: JsonObject, isGenerated: boolean): number {
  const prompt = Math.ceil(JSON.stringify(request).length / CHARACTERS_PER_TOKEN);
  if (!isGenerated) return prompt;
  const { max_completion_tokens, max_output_tokens, max_tokens, n } = request;
  const { generationConfig, options } = request as { generationConfig?: JsonObject; options?: JsonObject };
  const limits = [max_completion_tokens, max_output_tokens, max_tokens, generationConfig?.maxOutputTokens];
  const limit = [...limits, options?.num_predict].find((count) => typeof count === "number" && count > 0);
  return prompt + ((limit as number | undefined) ?? USUAL_COMPLETION) * (typeof n === "number" ? n : 1);
}

/** Undefined if the answers report no usage. */
function tokensOf(surface: Asking<object>["surface"], answers: readonly object[]): TokenCount | undefined {
  try {
    const counts = answers.map((answer) => surface.tokens?.(answer) ?? { prompt: 0, completion: 0 });
    const prompt = counts.reduce((sum, count) => sum + count.prompt, 0);
    const completion = counts.reduce((sum, count) => sum + count.completion, 0);
    return prompt + completion === 0 ? undefined : { prompt, completion };
  } catch {
    return undefined; // An invalid usage must not lose an answer that is paid for.
  }
}
