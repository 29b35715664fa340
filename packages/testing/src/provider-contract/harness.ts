import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import { type ChatCompletion, type ChatRequest, type LLMProvider, ProviderError } from "@remem/core";
import { type CompletionsServer, completionsServer } from "../completions-server.ts";
import { withTimeout } from "../contract.ts";
import type { Fault } from "../fault.ts";

export interface CreateOptions {
  /** Of a server that speaks Chat Completions. Its origin is an endpoint of Azure OpenAI. */
  readonly baseURL: string;
  readonly fetch: typeof fetch;
  /** The time limit of one attempt in milliseconds, until the last byte of its answer. */
  readonly timeoutMs: number;
  /** How often a failed attempt is repeated. */
  readonly maxRetries: number;
}

export type CreateProvider = (options: CreateOptions) => LLMProvider | Promise<LLMProvider>;

/** What a case works with. */
export interface Harness {
  /** A provider before a server of its own that plays these faults. Without limits it does not retry, and has 10 s. */
  open(
    faults?: readonly Fault[],
    limits?: { readonly timeoutMs?: number; readonly maxRetries?: number },
  ): Promise<Setup>;
  /** What the provider documents to add to a body. */
  readonly adds: readonly string[];
}

export interface Setup {
  readonly provider: LLMProvider;
  readonly server: CompletionsServer;
  /** How often the provider used the `fetch` it was given. */
  readonly fetches: number;
  /** How a call ends. Never rejects, so that a case may look away for a while. */
  outcome(call?: Call): Promise<PromiseSettledResult<ChatCompletion>>;
  /** The answer of a call that has to give one. */
  answer(call?: Call): Promise<ChatCompletion>;
  /** The error of a call that has to fail. */
  failure(call?: Call): Promise<ProviderError>;
  /** Waits until a request has come in. */
  received(): Promise<void>;
}

export interface Call {
  readonly request?: ChatRequest;
  readonly signal?: AbortSignal;
  readonly remainingMs?: () => number;
}

export const QUESTION: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Why?" }] };

const LIMIT_MS = 5_000;

/** Plays one case, and leaves nothing behind however it ends. */
export async function runCase(
  check: (harness: Harness) => Promise<void>,
  { create, adds }: { readonly create: CreateProvider; readonly adds: readonly string[] },
): Promise<void> {
  const ended = new AbortController();
  const cleanups: Array<() => unknown> = [];

  const open: Harness["open"] = async (faults = [], { timeoutMs = 10_000, maxRetries = 0 } = {}) => {
    ended.signal.throwIfAborted();
    const server = await completionsServer();
    cleanups.push(server.close);
    server.script(faults);
    let fetches = 0;
    const counted: typeof fetch = (...request) => {
      fetches++;
      return fetch(...request);
    };
    const provider = await create({ baseURL: server.baseURL, fetch: counted, timeoutMs, maxRetries });
    cleanups.push(() => provider.close?.());

    async function outcome({ request = QUESTION, signal = ended.signal, remainingMs }: Call = {}) {
      const context = { signal, ...(remainingMs && { remainingMs }) };
      const [settled] = await Promise.allSettled([(async () => provider.generate(request, context))()]);
      return settled;
    }
    return {
      provider,
      server,
      get fetches() {
        return fetches;
      },
      outcome,
      async answer(call) {
        const settled = await outcome(call);
        assert.ok(settled.status === "fulfilled", `An answer was due, not ${inspect(settled)}`);
        return settled.value;
      },
      async failure(call) {
        const settled = await outcome(call);
        assert.ok(settled.status === "rejected", `A ProviderError was due, not the answer ${inspect(settled)}`);
        assert.ok(ProviderError.is(settled.reason), `A ProviderError was due, not ${inspect(settled.reason)}`);
        return settled.reason;
      },
      async received() {
        while (server.calls === 0 && !ended.signal.aborted) await setTimeout(1);
      },
    };
  };

  const checked = await Promise.allSettled([withTimeout(LIMIT_MS, check({ open, adds }), "The case")]);
  ended.abort(new Error("The case is over."));
  const closing = Promise.all(cleanups.map(async (close) => close()));
  const closed = await Promise.allSettled([withTimeout(LIMIT_MS, closing, "Closing the provider")]);
  for (const settled of [...checked, ...closed]) if (settled.status === "rejected") throw settled.reason;
}

/** Enough turns of the event loop for what came in to be read, and for a provider to fall asleep over it. */
export async function yieldToEventLoop(): Promise<void> {
  for (let turn = 0; turn < 25; turn++) await setTimeout(1);
}

/** Does it for all at once: providers differ in how long they wait between two tries. */
export async function inParallel<T>(items: readonly T[], check: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(items.map(check));
}
