import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import { type ChatCompletion, type ChatRequest, type LLMProvider, ProviderError } from "@remem/core/plugin";
import { type CompletionsServer, completionsServer } from "../completions-server.ts";
import { CASE_MS, withinCase } from "../contract.ts";
import type { Fault } from "../fault.ts";

/** The options with which a provider under test must be created. */
export interface CreateOptions {
  /** The address of a server that speaks Chat Completions. Its origin is an endpoint of Azure OpenAI. */
  readonly baseURL: string;
  /** The `fetch` that the provider must use. */
  readonly fetch: typeof fetch;
  /** The time limit of one attempt in milliseconds, until the last byte of its answer. */
  readonly timeoutMs: number;
  /** How often a failed attempt is retried. */
  readonly maxRetries: number;
}

/** Creates the provider under test. */
export type CreateProvider = (options: CreateOptions) => LLMProvider | Promise<LLMProvider>;

/** The resources of a case. */
export interface Harness {
  /**
   * Opens a provider for its own server, which plays these faults. By default the provider never retries, and an attempt
   * has 10 s.
   */
  open(
    faults?: readonly Fault[],
    limits?: { readonly timeoutMs?: number; readonly maxRetries?: number },
  ): Promise<Setup>;
  /** The members that the provider documents to add to a body. */
  readonly adds: readonly string[];
  /** The factor of every time limit. */
  readonly slowness: number;
  /** Yields long enough for the provider to read a reply that has arrived, and to begin its wait before a retry. */
  yieldToEventLoop(): Promise<void>;
}

export interface Setup {
  readonly provider: LLMProvider;
  readonly server: CompletionsServer;
  /** How often the provider called the `fetch` it was given. */
  readonly fetches: number;
  /** The outcome of a call. Never rejects, so a case may await it later. */
  outcome(call?: Call): Promise<PromiseSettledResult<ChatCompletion>>;
  /** The answer of a call that must succeed. */
  answer(call?: Call): Promise<ChatCompletion>;
  /** The error of a call that must fail. */
  failure(call?: Call): Promise<ProviderError>;
  /** Waits until the server has received a request. */
  received(): Promise<void>;
}

export interface Call {
  readonly request?: ChatRequest;
  readonly signal?: AbortSignal;
  readonly remainingMs?: () => number;
}

export const QUESTION: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Why?" }] };

const ATTEMPT_MS = 10_000;
const YIELDS = 25;

export interface CaseOptions extends Pick<Harness, "adds" | "slowness"> {
  readonly create: CreateProvider;
}

/** Runs one case, and closes its resources, even if it fails. */
export async function runCase(
  name: string,
  check: (harness: Harness) => Promise<void>,
  { create, adds, slowness }: CaseOptions,
): Promise<void> {
  const ended = new AbortController();
  const cleanups: Array<() => unknown> = [];

  const open: Harness["open"] = async (faults = [], { timeoutMs = ATTEMPT_MS * slowness, maxRetries = 0 } = {}) => {
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
        assert.ok(settled.status === "fulfilled", `Expected an answer, not ${inspect(settled)}`);
        return settled.value;
      },
      async failure(call) {
        const settled = await outcome(call);
        assert.ok(settled.status === "rejected", `Expected a ProviderError, not the answer ${inspect(settled)}`);
        assert.ok(ProviderError.is(settled.reason), `Expected a ProviderError, not ${inspect(settled.reason)}`);
        return settled.reason;
      },
      async received() {
        while (server.calls === 0 && !ended.signal.aborted) await setTimeout(1);
      },
    };
  };
  async function yieldToEventLoop(): Promise<void> {
    for (let turn = 0; turn < YIELDS * slowness; turn++) await setTimeout(1);
  }

  async function close(): Promise<void> {
    ended.abort(new Error("The case has ended."));
    await Promise.all(cleanups.map(async (close) => close()));
  }
  await withinCase(name, CASE_MS * slowness, () => check({ open, adds, slowness, yieldToEventLoop }), close);
}

/** Runs a check for all items at once: providers differ in how long they wait before a retry. */
export async function inParallel<T>(items: readonly T[], check: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(items.map(check));
}
