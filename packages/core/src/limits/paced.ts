import type { AskContext } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";
import { ProviderError, rateLimited } from "../errors/errors.ts";
import { notify } from "../observe/events.ts";
import { createGate, type Gate, GateClosed, type Turn } from "./gate.ts";
import { DEFAULT_MAX_WAIT_MS, type Limits, type Settle } from "./limits.ts";
import { createSlidingWindow, type Share, type SlidingWindow } from "./sliding-window.ts";

export interface Paced<Request extends object, Answer extends object> {
  /** The provider. Clients of the same object share what they know about its limits. */
  readonly provider: { readonly id: string };
  readonly limits: Limits<Request, Answer> | undefined;
  ask(request: Request, context: PacedContext): Promise<Answer>;
  /** Returns how many tokens a request will probably take. */
  estimate(request: Request): number;
  /** Returns how many tokens the call has taken, if the server reports them. */
  tokens(answer: Answer): TokenCount | undefined;
}

/** The context of a provider whose rate limits the client waits out. */
export interface PacedContext extends AskContext {
  /** Sends nothing for this long, in milliseconds. */
  pace(waitMs: number): void;
}

interface Pace {
  readonly gate: Gate;
  readonly requests: SlidingWindow;
  readonly tokens: SlidingWindow;
}

const paces = new WeakMap<object, Pace>();

function paceOf(provider: object): Pace {
  const known = paces.get(provider);
  if (known !== undefined) return known;
  const pace: Pace = { gate: createGate(), requests: createSlidingWindow(), tokens: createSlidingWindow() };
  paces.set(provider, pace);
  return pace;
}

/**
 * Makes an `ask` that keeps to the limits. It waits out a rate limit of the server together with all other calls of the
 * provider, and sends a refused call again after the pause.
 */
export function paced<Request extends object, Answer extends object>(options: Paced<Request, Answer>) {
  const { provider, limits = {}, ask, estimate, tokens: tokensOf } = options;
  const { rpm, tpm, maxWaitMs = DEFAULT_MAX_WAIT_MS, budget } = limits;
  const { gate, requests, tokens } = paceOf(provider);

  return async function askInTurn(request: Request, context: AskContext): Promise<Answer> {
    const { signal, remainingMs, report, sent } = context;
    sent(false);
    const announce = (waitMs: number): void => report({ type: "rate-limited", provider: provider.id, waitMs });
    const pace = (waitMs: number): void => {
      if (gate.pause(waitMs)) announce(waitMs);
    };
    let hasPublished = false;
    const toProvider: PacedContext = {
      ...context,
      pace,
      publish(chunk) {
        hasPublished = true;
        context.publish(chunk);
      },
    };
    function reserve(tpm: number): number {
      const estimated = estimate(request);
      if (estimated > tpm && refused === undefined)
        report({ type: "larger-than-limit", provider: provider.id, tokens: estimated, tpm });
      return estimated;
    }
    let refused: ProviderError | undefined;
    for (;;) {
      let isSent = false;
      const turn = await enter(remainingMs(), signal, refused);
      let share: Share | undefined;
      let settle: Settle<Answer> | undefined;
      try {
        settle = await budget?.reserve(request, estimate(request));
        if (rpm !== undefined) await requests.take(1, rpm, signal);
        if (tpm !== undefined) share = await tokens.take(reserve(tpm), tpm, signal);
        isSent = true;
        sent(true);
        const answer = await ask(request, toProvider);
        turn.succeeded();
        const spent = share === undefined && settle === undefined ? undefined : tokensOf(answer);
        share?.settle(spent === undefined ? estimate(request) : spent.prompt + spent.completion);
        // The answer is paid for, even if `settle` throws.
        if (settle !== undefined) notify("limits.budget", () => settle?.(answer, spent), undefined);
        return answer;
      } catch (error) {
        if (settle !== undefined) notify("limits.budget", () => settle?.(), undefined);
        if (!isSent || !ProviderError.is(error) || !error.rateLimited) throw error;
        if (hasPublished) throw error; // Callers have read the beginning of this answer, and another attempt would begin differently.
        refused = error;
        share?.settle(0);
        const waitMs = turn.limited(error.retryAfterMs);
        if (waitMs !== undefined) announce(waitMs);
      } finally {
        turn.end();
      }
    }
  };

  async function enter(leftMs: number, signal: AbortSignal, refused: ProviderError | undefined): Promise<Turn> {
    try {
      return await gate.enter(Math.min(maxWaitMs, leftMs), signal);
    } catch (error) {
      if (!(error instanceof GateClosed)) throw error;
      const isShort = leftMs < maxWaitMs;
      const allowed = isShort
        ? `\`timeoutMs\` leaves ${Math.round(leftMs)}`
        : `\`limits.maxWaitMs\` allows ${maxWaitMs}`;
      throw rateLimited(provider.id, error.waitMs, allowed, refused);
    }
  }
}
