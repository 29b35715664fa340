import { type CallBudget, createCallBudget, UNLIMITED } from "../concurrency/call-budget.ts";
import { raceSignal } from "../concurrency/race-signal.ts";
import { shareTurns } from "../concurrency/turn.ts";
import type { Call, CallLimits, Outcome } from "../contracts/call.ts";
import { CacheMissError, callTimedOut, clientClosed } from "../errors/errors.ts";
import { runningFlights } from "../flight/running-flights.ts";
import {
  createFlight,
  end,
  type Flight,
  join,
  leave,
  piecesOf,
  sourceOf,
  throwIfCancelled,
} from "../flight/single-flight.ts";
import { createReport } from "../observe/events.ts";
import { createStats } from "../observe/stats.ts";
import { guardStore } from "../store/guarded-store.ts";
import { release, retain } from "../store/shared-use.ts";
import { type Access, batchAccess, directAccess } from "./access.ts";
import { createAsker } from "./asker.ts";
import { createEntries } from "./entries.ts";
import { type AnyCall, createMisses, type Found, type Lifecycle } from "./misses.ts";
import { createOutcomes } from "./outcomes.ts";
import { checkReadThroughOptions, type ReadThrough, type ReadThroughOptions } from "./read-through-options.ts";
import { createRecorder } from "./recorder.ts";
import { endFlights, endStoring } from "./shutdown.ts";

const NO_LIMITS: CallLimits = {};

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
  const recorder = options.journal && createRecorder(options.journal);
  const outcomes = createOutcomes(stats, report, recorder);
  const startTime = (): number => (recorder === undefined ? 0 : performance.now());
  let closed: Promise<void> | undefined;
  retain(store);

  async function get<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    limits: CallLimits = NO_LIMITS,
    access: Access = alone,
  ): Promise<Outcome<Answer>> {
    const startedAt = startTime();
    const budget = enter(call, limits, access);
    try {
      const joined = joinRunning(call);
      if (!joined && call.mode === "only-if-cached") return await answerFromStore(call, access, budget, startedAt);
      const joinedAs = sourceOf(joined);
      const flight = joined ?? start(call as unknown as AnyCall, access);
      join(flight, budget);
      try {
        const found = await raceSignal(flight.outcome, budget.signal);
        if (found.source === "store" && turn.isOver()) await turn.next();
        return outcomes.of(call, flight, found, joinedAs, sinceTurn(startedAt, flight, access));
      } catch (error) {
        outcomes.failed(call, flight, joinedAs, error, sinceTurn(startedAt, flight, access));
        throw error;
      } finally {
        leave(flight, budget);
      }
    } finally {
      exit(budget);
    }
  }

  async function* follow<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    limits: CallLimits = NO_LIMITS,
  ): AsyncGenerator<unknown, Outcome<Answer>, undefined> {
    const startedAt = startTime();
    const budget = enter(call, limits, alone);
    try {
      const joined = joinRunning(call);
      if (!joined && call.mode === "only-if-cached") return await answerFromStore(call, alone, budget, startedAt);
      const joinedAs = sourceOf(joined);
      const flight = joined ?? start(call as unknown as AnyCall, alone);
      join(flight, budget);
      flight.outcome.catch(() => {}); // It is awaited only after the pieces.
      let hasEnded = false;
      try {
        yield* piecesOf(flight, budget.signal);
        const found = await raceSignal(flight.outcome, budget.signal);
        hasEnded = true;
        return outcomes.of(call, flight, found, joinedAs, startedAt);
      } catch (error) {
        hasEnded = true;
        outcomes.failed(call, flight, joinedAs, error, startedAt);
        throw error;
      } finally {
        if (!hasEnded) recorder?.failed(call, flight, joinedAs, undefined, startedAt); // Its reader has left.
        leave(flight, budget);
      }
    } finally {
      exit(budget);
    }
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

  async function answerFromStore<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    access: Access,
    { signal }: CallBudget,
    startedAt: number,
  ): Promise<Outcome<Answer>> {
    const answer = entries.decode(call, await raceSignal(access.read(call.key), signal));
    if (answer === undefined) {
      recorder?.missed(call, startedAt);
      throw new CacheMissError(call.key);
    }
    if (turn.isOver()) await turn.next();
    return outcomes.saved(call, answer, "store", startedAt);
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

  async function finish(): Promise<void> {
    life.isClosing = true;
    if (callers === 0) idle.resolve();
    await endFlights(flights, life, idle.promise);
    if (!release(store)) return;
    await guarded.close();
    await endStoring(flights, life); // The store has refused what it could not write.
  }
  async function close(): Promise<void> {
    try {
      await finish();
    } finally {
      await recorder?.close();
    }
  }

  const readThrough: ReadThrough = {
    get,
    follow,
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
      closed ??= close();
      return closed;
    },
    [Symbol.asyncDispose]: () => readThrough.close(),
  };
  return readThrough;
}

/** In a batch a miss waits for its turn, which is not its own time. */
function sinceTurn(startedAt: number, { asked }: Flight<Found>, { isQueued }: Access): number {
  return isQueued && asked !== undefined ? Math.max(startedAt, asked.at) : startedAt;
}

function budgetOf(
  { provider }: Pick<AnyCall, "provider">,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): CallBudget {
  if (signal === undefined && timeoutMs === undefined) return UNLIMITED;
  return createCallBudget(signal, timeoutMs, (ms) => callTimedOut(provider, ms));
}
