import { atMost } from "../concurrency/at-most.ts";
import { type CallBudget, createCallBudget, UNLIMITED } from "../concurrency/call-budget.ts";
import { raceSignal } from "../concurrency/race-signal.ts";
import { shareTurns } from "../concurrency/turn.ts";
import type { AnswerSource, Call, CallLimits, Outcome } from "../contracts/call.ts";
import { CacheMissError, callTimedOut, clientClosed, ProviderError } from "../errors/errors.ts";
import { runningFlights } from "../flight/running-flights.ts";
import {
  cancel,
  createFlight,
  end,
  type Flight,
  join,
  leave,
  sourceOf,
  throwIfCancelled,
} from "../flight/single-flight.ts";
import { copyJson } from "../json/copy-json.ts";
import { createReport } from "../observe/events.ts";
import { createStats } from "../observe/stats.ts";
import { guardStore } from "../store/guarded-store.ts";
import { release, retain } from "../store/shared-use.ts";
import { type Access, batchAccess, directAccess } from "./access.ts";
import { createAsker, tokensOf } from "./asker.ts";
import { createEntries } from "./entries.ts";
import { type Engine, follow } from "./follow.ts";
import { type AnyCall, createMisses, type Found, type Lifecycle } from "./misses.ts";
import { checkReadThroughOptions, type ReadThrough, type ReadThroughOptions } from "./read-through-options.ts";

const NO_LIMITS: CallLimits = {};
const GRACE_MS = 5_000;
/** How long a cancelled call may take to release its lease. */
const RELEASE_MS = 1_000;

/** One call is: join an identical one that runs, or read the store, where a hit ends, ask the provider, store the answer. */
export function createReadThrough(options: ReadThroughOptions): ReadThrough {
  checkReadThroughOptions("createReadThrough", options);
  const { store, onStoreError = "bypass", storeTimeoutMs: timeoutMs = 35_000, storeRequest = true } = options;
  const { maxEntryBytes = 8 * 1024 * 1024 } = options;
  const stats = createStats();
  const report = createReport(options);
  const guarded = guardStore(store, {
    onStoreError,
    timeoutMs,
    report(event) {
      if (event.type === "store-error") stats.count("storeErrors");
      report(event);
    },
  });
  const hasSidecars = store.getSidecar !== undefined;
  const entries = createEntries({ store: guarded, hasSidecars, storeRequest, maxEntryBytes, stats, report });
  const flights = runningFlights(store);
  const alone = directAccess(guarded);
  const life: Lifecycle = { isClosing: false, needsStore: onStoreError === "throw" };
  const misses = createMisses(entries, createAsker(stats, report), life);
  const idle = Promise.withResolvers<void>();
  let callers = 0;
  const turn = shareTurns();
  let closed: Promise<void> | undefined;
  retain(store);

  async function get<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    limits: CallLimits = NO_LIMITS,
    access: Access = alone,
  ): Promise<Outcome<Answer>> {
    const budget = enter(call, limits, access);
    try {
      for (let isFirst = true; ; isFirst = false) {
        const joined = joinRunning(call);
        if (!joined && call.mode === "only-if-cached") return await answerFromStore(call, access, budget.signal);
        const joinedAs = sourceOf(joined);
        const flight = joined ?? start(call as unknown as AnyCall, access);
        join(flight, budget);
        try {
          const found = await raceSignal(flight.outcome, budget.signal);
          if (found.source === "store" && turn.isOver()) await turn.next();
          return outcomeOf(call, flight, found, joinedAs);
        } catch (error) {
          if (isFirst && joined?.chunks !== undefined && mayAskAgain(error, budget)) continue;
          if (joined !== undefined) stats.count("joined");
          throw error;
        } finally {
          leave(flight, budget);
        }
      }
    } finally {
      exit(budget);
    }
  }
  /** A stream that has begun is not retried, but a caller that waits for the whole has seen nothing of it. */
  function mayAskAgain(error: unknown, { signal }: CallBudget): boolean {
    return ProviderError.is(error) && error.retryable && !signal?.aborted && !life.isClosing;
  }

  function enter(call: Pick<AnyCall, "provider">, { signal, timeoutMs }: CallLimits, access: Access): CallBudget {
    assertOpen();
    signal?.throwIfAborted();
    const budget = budgetOf(call, signal, timeoutMs);
    if (!access.isQueued) budget.start();
    callers += 1;
    return budget;
  }
  function exit(budget: CallBudget): void {
    budget.end();
    callers -= 1;
    if (callers === 0 && life.isClosing) idle.resolve();
  }

  function joinRunning({ key, mode }: Pick<AnyCall, "key" | "mode">): Flight<Found> | undefined {
    const flight = flights.find(key, mode) as Flight<Found> | undefined;
    if (flight === undefined) return undefined;
    flight.isShared = true;
    if (flight.owner !== life) flight.hasGuests = true;
    return flight;
  }

  function outcomeOf<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    { isShared }: Flight<Found>,
    { answer, source }: Found,
    joinedAs: AnswerSource,
  ): Outcome<Answer> {
    const own = (isShared ? copyJson(answer) : answer) as Answer;
    return answered(call, own, source === "provider" ? joinedAs : source);
  }

  async function answerFromStore<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    access: Access,
    signal: AbortSignal | undefined,
  ): Promise<Outcome<Answer>> {
    const answer = entries.decode(call, await raceSignal(access.read(call.key), signal));
    if (answer === undefined) throw new CacheMissError(call.key);
    if (turn.isOver()) await turn.next();
    return answered(call, answer, "store");
  }

  function answered<Answer extends object>(
    call: Pick<Call<never, Answer>, "key" | "surface">,
    answer: Answer,
    source: AnswerSource,
  ): Outcome<Answer> {
    if (source !== "provider") {
      stats.count(source === "store" ? "hits" : "joined");
      stats.addTokens("saved", tokensOf(call, answer));
      report({ type: source === "store" ? "hit" : "joined", key: call.key });
    }
    return { answer, source };
  }

  function start(call: AnyCall, access: Access): Flight<Found> {
    const flight = createFlight<Found>(call.key, call.mode, life);
    flights.add(flight);
    flight.outcome = run(call, access, flight);
    return flight;
  }

  async function run(call: AnyCall, access: Access, flight: Flight<Found>): Promise<Found> {
    try {
      if (call.mode !== "default") return await misses.askAlone(call, access, flight);
      const known = await access.read(call.key);
      const answer = entries.decode(call, known);
      if (answer !== undefined) return { answer, source: "store" };
      throwIfCancelled(flight);
      if (guarded.flights === undefined) return await misses.askAlone(call, access, flight);
      return await misses.askAsLeader(call, access, flight, guarded.flights, known);
    } finally {
      end(flight);
      if (flight.storing === undefined) flights.remove(flight);
      else void flight.storing.then(() => flights.remove(flight));
    }
  }

  function assertOpen(): void {
    if (life.isClosing) throw clientClosed();
  }
  const running = (): Array<Flight<unknown>> => flights.ownedBy(life);
  const allStored = (): Promise<unknown> => Promise.all(running().map(({ storing }) => storing));

  async function finish(): Promise<void> {
    life.isClosing = true;
    if (callers === 0) idle.resolve();
    // A flight may go on without its callers, to store what is paid for.
    await atMost(GRACE_MS, idle.promise.then(() => settled(running())).then(allStored));
    const left = Map.groupBy(running(), ({ hasGuests }) => hasGuests);
    const cancelled = left.get(false) ?? [];
    for (const flight of cancelled) cancel(flight, clientClosed());
    // Those that hold a lease release it. Those that still read the store hold none.
    await atMost(RELEASE_MS, settled(cancelled.filter(({ hasBegun }) => hasBegun)));
    // Callers of other clients wait for these.
    await settled(left.get(true) ?? []);
    if (!release(store)) return;
    await guarded.close();
    await atMost(RELEASE_MS, allStored()); // The store has refused what it could not write.
  }

  const engine: Engine = {
    enter: (call, limits) => enter(call, limits, alone),
    exit,
    joinRunning,
    start: (call) => start(call, alone),
    answerFromStore: (call, signal) => answerFromStore(call, alone, signal),
    async outcomeOf(call, flight, found, joinedAs) {
      if (found.source === "store" && turn.isOver()) await turn.next();
      return outcomeOf(call, flight, found, joinedAs);
    },
    countJoined: () => stats.count("joined"),
  };
  const readThrough: ReadThrough = {
    get,
    follow: (call, limits = NO_LIMITS, replay = {}) =>
      follow(call as unknown as AnyCall, limits, replay, engine) as never,
    async has(call) {
      assertOpen();
      return entries.decode(call, await guarded.read(call.key)) !== undefined;
    },
    async delete(key) {
      assertOpen();
      return guarded.delete(key);
    },
    batchAccess: (concurrency) => batchAccess(guarded, concurrency),
    stats: stats.read,
    close() {
      closed ??= finish();
      return closed;
    },
    [Symbol.asyncDispose]: () => readThrough.close(),
  };
  return readThrough;
}

function budgetOf(
  { provider }: Pick<AnyCall, "provider">,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): CallBudget {
  if (signal === undefined && timeoutMs === undefined) return UNLIMITED;
  return createCallBudget(signal, timeoutMs, (ms) => callTimedOut(provider, ms));
}

async function settled(flights: ReadonlyArray<Flight<unknown>>): Promise<void> {
  await Promise.allSettled(flights.map(({ outcome }) => outcome));
}
