import type { ChatCompletion, ChatRequest } from "./chat/chat-completion.ts";
import { type InferResult, isCompletion, toResult } from "./chat/infer-result.ts";
import { createRoster } from "./collections/linked-list.ts";
import { bulkReader } from "./concurrency/batch-loader.ts";
import { createLimiter, type Slot } from "./concurrency/limiter.ts";
import type { CacheStore } from "./contracts/cache-store.ts";
import type { LLMProvider } from "./contracts/provider.ts";
import { writeEntry } from "./entry/entry.ts";
import { createAnswerReader } from "./entry/entry-reader.ts";
import {
  asRememError,
  CacheMissError,
  clientClosed,
  malformedAnswer,
  messageOf,
  outOfTime,
  ProviderError,
} from "./errors/errors.ts";
import { createPatience, orAborted, type Patience } from "./flight/call-budget.ts";
import { lead } from "./flight/lead.ts";
import { type Flight, type FlightControls, runningCalls, startFlight } from "./flight/single-flight.ts";
import { isTooDeep, MAX_DEPTH } from "./json/plain-json.ts";
import type { Report } from "./observe/events.ts";
import type { Tally } from "./observe/stats.ts";
import type { CacheMode, InferOptions } from "./options.ts";
import { guardStore, type Read } from "./store/guarded-store.ts";

/** One call, made and keyed. */
export interface Call {
  readonly request: ChatRequest;
  readonly key: string;
  readonly mode: CacheMode;
  readonly ttlMs?: number | undefined;
}

/** How a call gets to the store and to the provider: alone, or with the rest of its batch. */
interface Lane {
  read(key: string): Promise<Read>;
  readonly slot: Slot;
  /** Whether the call may have to wait for its turn; its budget runs from then on. */
  readonly queued: boolean;
}

type AskOptions = Pick<InferOptions, "signal" | "timeoutMs">;

/** Gets one answer. */
export type Ask = (call: Call, options: AskOptions) => Promise<InferResult>;

export interface CallerOptions {
  readonly provider: LLMProvider;
  readonly store: CacheStore;
  readonly onStoreError: "bypass" | "throw";
  readonly storeTimeoutMs: number;
  readonly storeRequest: boolean;
  readonly maxEntryBytes: number;
  readonly admit: (completion: ChatCompletion, request: ChatRequest) => boolean;
  readonly tally: Tally;
  readonly report: Report;
}

export interface Caller {
  /** For calls on their own. */
  readonly ask: Ask;
  /** For the calls of one batch: reads in bulk, until the signal is aborted, and at most `concurrency` calls of the provider at a time. */
  batch(concurrency: number, signal: AbortSignal): Ask;
  /** Whether what was read is an answer that is whole, is for this key and has not expired. */
  isAnswer(key: string, text: Read): boolean;
  /** Lets what runs finish, begins nothing more out of a queue, and aborts what is left when the time is up. */
  finish(graceMs: number): Promise<void>;
}

/** An answer as the provider gave it, and its JSON. */
interface Generated {
  readonly text: string;
  readonly completion: ChatCompletion;
}

/** What all callers of a flight are given, each a copy of his own. */
interface Answer {
  readonly source: "store" | "provider";
  readonly completion: ChatCompletion;
}

export function createCaller(options: CallerOptions): Caller {
  const { provider, store, admit, storeRequest, maxEntryBytes, tally, report } = options;
  const guarded = guardStore(store, {
    onStoreError: options.onStoreError,
    timeoutMs: options.storeTimeoutMs,
    report(event) {
      if (event.type === "store-error") tally.count("storeErrors");
      report(event);
    },
  });
  const joinable = runningCalls<Answer>(store);
  const running = createRoster<Flight<Answer>>();
  const readAnswer = createAnswerReader();
  const late = (ms: number): ProviderError => outOfTime(provider.id, ms);
  let asking = 0;
  const idle = Promise.withResolvers<void>();
  let finishing = false;
  let finished = false;
  let hits = 0;

  async function ask(call: Call, { signal, timeoutMs }: AskOptions, lane: Lane): Promise<InferResult> {
    const { key, mode } = call;
    signal?.throwIfAborted();
    const patience = createPatience(signal, timeoutMs, late);
    if (!lane.queued) patience.start();
    asking += 1;
    try {
      let known: Read;
      if ((mode === "default" && !joinable.has(key)) || mode === "only-if-cached") {
        known = await (lane.queued ? lane.read(key) : orAborted(lane.read(key), patience.signal));
        const completion = completionIn(key, known, mode === "only-if-cached");
        if (completion !== undefined) {
          if (isTimeForOthers()) await nextTurn();
          return served(call, completion, "store");
        }
      }
      if (mode === "only-if-cached") throw new CacheMissError(key);
      return await askTogether(call, patience, known === null ? { ...lane, read: async () => null } : lane);
    } finally {
      patience.end();
      asking -= 1;
      noteIdle();
    }
  }

  function noteIdle(): void {
    if (finishing && asking === 0) idle.resolve();
  }

  /** Whatever is no hit: in the flight of this key that is under way, or in one that begins. */
  async function askTogether(call: Call, patience: Patience, lane: Lane): Promise<InferResult> {
    const joined = joinable.find(call.key, call.mode);
    const flight = joined ?? depart(call, lane);
    flight.join(patience);
    try {
      const answer = await orAborted(flight.outcome, patience.signal);
      const source = answer.source === "provider" && joined !== undefined ? "flight" : answer.source;
      return served(call, structuredClone(answer.completion), source);
    } catch (error) {
      if (joined !== undefined) tally.count("joined");
      throw error;
    } finally {
      flight.leave(patience);
    }
  }

  /** A store may answer within one turn of the event loop: a loop of hits would never let timers and sockets have theirs. */
  function isTimeForOthers(): boolean {
    hits += 1;
    return hits % HITS_A_TURN === 0;
  }

  function served({ request, key }: Call, completion: ChatCompletion, source: InferResult["source"]): InferResult {
    if (source !== "provider") {
      tally.count(source === "store" ? "hits" : "joined");
      tally.saved(completion);
      report({ type: source === "store" ? "hit" : "joined", key });
    }
    return toResult(completion, request, { key, source });
  }

  function depart(call: Call, lane: Lane): Flight<Answer> {
    if (finished) throw clientClosed();
    const flight = startFlight(
      (controls) => fly(call, lane, controls),
      () => {
        running.remove(place);
        joinable.remove(call.key, call.mode, flight);
      },
    );
    const place = running.add(flight);
    joinable.add(call.key, call.mode, flight);
    return flight;
  }

  /** The read of the store is within the flight, or a call could miss, wait, and pay for what is stored meanwhile. */
  async function fly(call: Call, lane: Lane, controls: FlightControls): Promise<Answer> {
    const { key, mode } = call;
    if (mode !== "default") return pay(call, lane.slot, controls);
    const { flights } = guarded;
    if (flights === undefined) return storedAnswer(key, await lane.read(key)) ?? pay(call, lane.slot, controls);
    let last: Read;
    return lead({
      flights,
      key,
      slot: lane.slot,
      controls,
      async look() {
        const text = await lane.read(key);
        const isNews = text !== last;
        last = text;
        return storedAnswer(key, text, isNews);
      },
      // Who was stopped for long may not have been told yet that another has taken over, and has answered.
      work: (lost) => pay(call, unlimited, controls, () => last === undefined || lost.aborted),
    });
  }

  async function pay(call: Call, slot: Slot, controls: FlightControls, yields = never): Promise<Answer> {
    const { text, completion } = await slot(() => generate(call, controls));
    tally.paid(completion);
    if (call.mode !== "no-store") await keep(call, text, completion, yields());
    return { source: "provider", completion };
  }

  /** What the text holds, if it is whole, is for this key and has not expired. */
  function completionIn(key: string, text: Read, reports = true): ChatCompletion | undefined {
    if (text === undefined || text === null) return undefined;
    const stored = readAnswer(key, text);
    if (stored === undefined) {
      if (reports) report({ type: "damaged-entry", key });
      return undefined;
    }
    const { completion, expiresAt } = stored;
    return expiresAt !== undefined && expiresAt <= Date.now() ? undefined : completion;
  }

  function storedAnswer(key: string, text: Read, reports?: boolean): Answer | undefined {
    const completion = completionIn(key, text, reports);
    return completion && { source: "store", completion };
  }

  /** Asks the provider. What it gives is read through JSON, and so equals what a hit will give. */
  async function generate(
    { request, key }: Call,
    { signal: signalOf, remainingMs, begin, commit }: FlightControls,
  ): Promise<Generated> {
    const signal = signalOf();
    signal.throwIfAborted();
    begin();
    tally.count("misses");
    tally.count("providerCalls");
    report({ type: "miss", key });
    const startedAt = performance.now();
    try {
      // A copy: what the provider does to its request must not reach the entry or a result.
      const answer = provider.generate(structuredClone(request), { signal, remainingMs });
      const generated = throughJson(await orAborted(answer, signal));
      commit();
      return generated;
    } catch (cause) {
      if (signal.aborted && !ProviderError.is(signal.reason)) throw signal.reason;
      const error = asRememError(signal.aborted ? signal.reason : cause, provider.id);
      report({ type: "provider-error", key, provider: provider.id, error, durationMs: performance.now() - startedAt });
      throw error;
    }
  }

  function throughJson(answer: ChatCompletion): Generated {
    if (!isCompletion(answer)) throw malformedAnswer(provider.id, "it has no choices");
    let text: string;
    try {
      text = JSON.stringify(answer);
    } catch (cause) {
      throw malformedAnswer(provider.id, messageOf(cause));
    }
    const completion = JSON.parse(text) as ChatCompletion;
    if (isTooDeep(completion)) throw malformedAnswer(provider.id, `it is nested deeper than ${MAX_DEPTH} levels`);
    return { text, completion };
  }

  async function keep(
    { request, key, ttlMs }: Call,
    text: string,
    completion: ChatCompletion,
    ifAbsent: boolean,
  ): Promise<void> {
    if (!admitted(completion, request, key)) return;
    const createdAt = Date.now();
    const expiresAt = ttlMs === undefined ? undefined : createdAt + ttlMs;
    const asked = storeRequest ? JSON.stringify(request) : undefined;
    const entry = writeEntry({ key, createdAt, expiresAt, completion: text, request: asked });
    const bytes = Buffer.byteLength(entry);
    if (bytes > maxEntryBytes) return refuse(key, completion, { bytes, maxEntryBytes });
    const kept = await guarded.set(key, entry, { ...(expiresAt !== undefined && { expiresAt }), ifAbsent });
    if (!kept) return;
    tally.count("stored");
    report({ type: "stored", key });
  }

  function admitted(completion: ChatCompletion, request: ChatRequest, key: string): boolean {
    let error: unknown;
    try {
      if (admit(completion, request)) return true;
    } catch (thrown) {
      error = thrown; // The answer is paid for and goes to the caller whatever `admit` does.
    }
    refuse(key, completion, error === undefined ? {} : { error });
    return false;
  }

  function refuse(key: string, completion: ChatCompletion, why: object): void {
    tally.count("notAdmitted");
    report({ type: "not-admitted", key, finishReason: completion.choices[0]?.finish_reason, ...why });
  }

  const single: Lane = { read: guarded.get, slot: unlimited, queued: false };

  return {
    ask: (call, options) => ask(call, options, single),
    batch(concurrency, signal) {
      const limited = createLimiter(concurrency);
      const lane: Lane = {
        read: bulkReader((keys) => {
          if (finishing) throw clientClosed();
          return orAborted(guarded.getMany(keys), signal);
        }),
        slot: (work) =>
          limited(() => {
            if (finishing) throw clientClosed();
            return work();
          }),
        queued: true,
      };
      return (call, options) => ask(call, options, lane);
    },
    isAnswer: (key, text) => completionIn(key, text) !== undefined,
    async finish(graceMs) {
      finishing = true;
      const over = Promise.withResolvers<void>();
      const timer = setTimeout(over.resolve, graceMs);
      noteIdle();
      // A flight may go on without its callers, and none begins without one.
      const all = idle.promise.then(() => Promise.allSettled(Array.from(running, ({ outcome }) => outcome)));
      await Promise.race([all, over.promise]);
      clearTimeout(timer);
      finished = true;
      for (const { cancel } of running) cancel(clientClosed());
    },
  };
}

const HITS_A_TURN = 256;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const unlimited: Slot = (work) => work();
const never = (): boolean => false;
