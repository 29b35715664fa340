import { type Budget, checkCount, checkOptions, invalidOption, ProviderError, RememError } from "@remem/core/plugin";
import type { PriceOf } from "../prices.ts";
import type { Counter, Counters } from "./counters.ts";

/** The limits of a tenant. Answers from the store, and those of calls that another caller pays for, do not count. */
export interface TenantLimits {
  /** The maximum number of requests to servers per minute. Unlimited by default. */
  readonly rpm?: number | undefined;
  /**
   * The maximum number of tokens per minute, including those of answers. A larger request is sent when no other counts.
   * Unlimited by default.
   */
  readonly tpm?: number | undefined;
  /** The maximum cost of answers in a day (UTC), in dollars by `priceOf`. Unlimited by default. */
  readonly dollarsPerDay?: number | undefined;
}

/** Keeps a tenant's limits. */
export interface KeptLimits {
  /** Decides about calls of servers. */
  readonly budget: Budget;
  /** Counts a request that is sent past the store. */
  passing(): Promise<void>;
}

export interface LimitsOptions {
  readonly tenant: string;
  readonly limits: TenantLimits;
  /** Whether the tenant may ask a model without a price, if it has a budget for a day. */
  readonly unpriced: "refuse" | "allow";
  readonly priceOf: PriceOf;
  readonly counters: Counters;
}

const MINUTE_S = 60;
/** A day is counted under its date, for longer than it lasts. */
const TWO_DAYS_S = 172_800;
const DOLLARS = 1_000_000; // Counters count whole numbers.
const KNOWN = { rpm: true, tpm: true, dollarsPerDay: true } as const satisfies Record<keyof TenantLimits, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkTenantLimits(where: string, option: string, limits: TenantLimits): void {
  if (typeof limits !== "object" || limits === null) throw invalidOption(where, option, "an object");
  checkOptions(`${where}: ${option}`, limits, KNOWN);
  checkCount(where, `${option}.rpm`, limits.rpm);
  checkCount(where, `${option}.tpm`, limits.tpm);
  const { dollarsPerDay: dollars } = limits;
  if (dollars !== undefined && !(typeof dollars === "number" && dollars > 0 && dollars < 1e9))
    throw invalidOption(where, `${option}.dollarsPerDay`, "a number of dollars above 0");
}

/** Keeps a tenant's limits. Each call reserves an estimate, which its actual use replaces. */
export function keepLimits({ tenant, limits, unpriced, priceOf, counters }: LimitsOptions): KeptLimits {
  const { rpm, tpm, dollarsPerDay } = limits;
  const requests = rpm === undefined ? undefined : counters.counter(rpm, MINUTE_S);
  const tokens = tpm === undefined ? undefined : counters.counter(tpm, MINUTE_S);
  const money =
    dollarsPerDay === undefined ? undefined : counters.counter(Math.ceil(dollarsPerDay * DOLLARS), TWO_DAYS_S);

  async function takeRequest(): Promise<void> {
    const waitMs = await requests?.take(`${tenant}:requests`, 1);
    if (waitMs !== undefined) throw tooMany(`${rpm} requests a minute`, waitMs);
  }
  async function take(counter: Counter | undefined, key: string, points: number, words: string): Promise<void> {
    const waitMs = await counter?.take(key, points);
    if (waitMs !== undefined) throw tooMany(words, waitMs);
  }
  function tooMany(allowed: string, retryAfterMs: number): ProviderError {
    return new ProviderError(`the tenant ${JSON.stringify(tenant)} may use ${allowed}.`, {
      provider: tenant,
      code: "RATE_LIMITED",
      rateLimited: true,
      retryAfterMs,
    });
  }
  function priced(model: string | undefined, input: number, output: number): number | undefined {
    const dollars = model === undefined ? undefined : priceOf(model, { input, output });
    return dollars === undefined ? undefined : Math.ceil(dollars * DOLLARS);
  }
  function reservedFor(model: string | undefined, estimate: number): number {
    // Tokens of answers cost more than others. The unused part is given back.
    const price = priced(model, 0, estimate);
    if (price !== undefined) return price;
    if (unpriced === "allow") return 0;
    const asked = model === undefined ? "a request that names no model" : `the model ${JSON.stringify(model)}`;
    throw exceeded(
      `the price of ${asked} is unknown, so that the budget of the tenant ${JSON.stringify(tenant)} cannot be kept.`,
    );
  }
  return {
    passing: takeRequest,
    budget: {
      async reserve(request, estimate) {
        const { model } = request as { readonly model?: string };
        const reservedMoney = money === undefined ? 0 : reservedFor(model, estimate);
        const reservedTokens = Math.min(estimate, tpm ?? estimate);
        const day = `${tenant}:${new Date().toISOString().slice(0, 10)}`;
        await takeRequest();
        await take(tokens, `${tenant}:tokens`, reservedTokens, `${tpm} tokens a minute`);
        if (money !== undefined && (await money.take(day, reservedMoney)) !== undefined) {
          await tokens?.correct(`${tenant}:tokens`, -reservedTokens);
          throw exceeded(
            `the budget of $${dollarsPerDay} a day (UTC) of the tenant ${JSON.stringify(tenant)} is used up.`,
          );
        }
        return (answer, spent) => {
          // The cost of an answer without usage is unknown, so it stays reserved.
          const isUnknown = answer !== undefined && spent === undefined;
          const { prompt = 0, completion = 0 } = spent ?? {};
          const usedTokens = isUnknown ? reservedTokens : prompt + completion;
          const usedMoney = isUnknown ? reservedMoney : (spent && priced(model, prompt, completion)) || 0;
          const settled = [
            tokens?.correct(`${tenant}:tokens`, usedTokens - reservedTokens),
            money?.correct(day, usedMoney - reservedMoney),
          ];
          for (const one of settled) one?.catch(() => {}); // The answer is paid for, and its caller has it.
        };
      },
    },
  };
}

const exceeded = (problem: string): RememError => new RememError("BUDGET_EXCEEDED", problem);
