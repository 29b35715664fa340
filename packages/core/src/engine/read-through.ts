import { atMost } from "../concurrency/at-most.ts";
import { type CallBudget, createCallBudget, UNLIMITED } from "../concurrency/call-budget.ts";
import { raceSignal } from "../concurrency/race-signal.ts";
import { shareTurns } from "../concurrency/turn.ts";
import type { Call, CallLimits, Outcome } from "../contracts/call.ts";
import { CacheMissError, callTimedOut, clientClosed, ProviderError } from "../errors/errors.ts";
import { runningFlights } from "../flight/running-flights.ts";
import { createFlight, end, type Flight, join, leave, sourceOf, throwIfCancelled } from "../flight/single-flight.ts";
import { copyJson } from "../json/copy-json.ts";
import { createReport } from "../observe/events.ts";
import { createStats } from "../observe/stats.ts";
import { guardStore } from "../store/guarded-store.ts";
import { release, retain } from "../store/shared-use.ts";
import { type Access, batchAccess, directAccess } from "./access.ts";
import { createAsker } from "./asker.ts";
import { accountFor, createElsewhere } from "./elsewhere.ts";
import { createEntries } from "./entries.ts";
import { type Engine, follow } from "./follow.ts";
import { type AnyCall, createMisses, type Found, foundIn, type Lifecycle } from "./misses.ts";
import { checkReadThroughOptions, type ReadThrough, type ReadThroughOptions } from "./read-through-options.ts";
import { createRecord, type Trip } from "./recorder.ts";
import { allStored, endFlights, RELEASE_MS } from "./shutdown.ts";

const NO_LIMITS: CallLimits = {};

/** Each call joins an identical running one, or reads the store. A hit ends there. A miss asks the provider and stores the answer. */
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
  const { journal } = options;
  const record = createRecord(options);
  let closed: Promise<void> | undefined;
  retain(store);
  if (journal !== undefined) retain(journal);

  async function get<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    limits: CallLimits = NO_LIMITS,
    access: Access = alone,
  ): Promise<Outcome<Answer>> {
    const trip = board(call, limits, access);
    try {
      for (let isFirst = true; ; isFirst = false) {
        const { flight, budget } = trip;
        try {
          const found = await (flight ? raceSignal(flight.outcome, budget.signal) : inStore(call, access, budget));
          if (found.source === "store" && turn.isOver()) await turn.next();
          return outcomeOf(call, found, trip);
        } catch (error) {
          if (!isGuest(trip) && !(isFirst && mayAskAgain(error, trip))) {
            trip.error = error;
            throw error;
          }
          changeFlight(call, access, trip);
        }
      }
    } finally {
      exit(call, trip);
    }
  }
  /** A stream that has begun is not retried. But a caller that has joined it for the whole answer has read nothing of it. */
  function mayAskAgain(error: unknown, { source, flight, budget }: Trip): boolean {
    if (source !== "flight" || flight?.chunks === undefined || life.isClosing) return false;
    return ProviderError.is(error) && error.retryable && !budget.signal?.aborted;
  }
  /** Whether the caller waits for another client's call. That may fail for reasons of the client: its key, its limits, its end. */
  function isGuest({ source, flight, budget }: Trip): boolean {
    return source === "flight" && flight!.owner !== life && !life.isClosing && !budget.signal?.aborted;
  }
  function changeFlight<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    access: Access,
    trip: Trip,
  ): void {
    leave(trip.flight!, trip.budget);
    takeFlight(call, access, trip);
  }

  /** Joins the flight that answers the call, or starts it. A call with `only-if-cached` starts none. */
  function board<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    { signal, timeoutMs }: CallLimits,
    access: Access,
  ): Trip {
    assertOpen();
    signal?.throwIfAborted();
    const startedAt = record && performance.now();
    const isLimited = signal !== undefined || timeoutMs !== undefined;
    const budget = isLimited ? createCallBudget(signal, timeoutMs, (ms) => callTimedOut(call.provider, ms)) : UNLIMITED;
    if (!access.isQueued) budget.start();
    callers += 1;
    const trip: Trip = { flight: undefined, source: "store", budget, startedAt, tokens: undefined, error: true };
    takeFlight(call, access, trip);
    return trip;
  }
  function takeFlight<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    access: Access,
    trip: Trip,
  ): void {
    const joined = flights.find(call.key, call.mode) as Flight<Found> | undefined;
    if (joined !== undefined) {
      joined.isShared = true;
      if (joined.owner !== life) joined.hasGuests = true;
    }
    trip.source = sourceOf(joined);
    trip.flight = joined ?? (call.mode === "only-if-cached" ? undefined : start(call as unknown as AnyCall, access));
    if (trip.flight !== undefined) join(trip.flight, trip.budget);
  }
  function exit<Request extends object, Answer extends object>(call: Call<Request, Answer>, trip: Trip): void {
    const { flight, budget } = trip;
    if (trip.error !== undefined && trip.source === "flight") stats.count("joined");
    record?.(call, trip);
    if (flight !== undefined) leave(flight, budget);
    budget.end();
    callers -= 1;
    if (callers === 0 && life.isClosing) idle.resolve();
  }

  function outcomeOf<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    found: Found,
    trip: Trip,
  ): Outcome<Answer> {
    const isShared = found.isShared || trip.flight?.isShared === true;
    const answer = (isShared && !call.isReadOnly ? copyJson(found.answer) : found.answer) as Answer;
    if (found.source === "store") trip.source = "store";
    trip.error = undefined;
    const { source } = trip;
    if (source !== "provider") {
      trip.tokens = accountFor(stats, report, call, answer, source);
    }
    const { kept, json } = found;
    return { answer, source, kept, json };
  }

  /** Answers a call with `only-if-cached`. */
  async function inStore<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    access: Access,
    { signal }: CallBudget,
  ): Promise<Found> {
    const stored = entries.decode(call, await raceSignal(access.read(call.key), signal));
    if (stored === undefined) throw new CacheMissError(call.key);
    return foundIn(stored);
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
      const stored = entries.decode(call, known);
      if (stored !== undefined) return foundIn(stored);
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

  async function finish(): Promise<void> {
    life.isClosing = true;
    if (callers === 0) idle.resolve();
    await endFlights(running, idle.promise);
    if (!release(store)) return;
    await guarded.close();
    await atMost(RELEASE_MS, allStored(running())); // By then the store has rejected pending writes.
  }
  async function close(): Promise<void> {
    try {
      await finish();
    } finally {
      if (journal !== undefined) {
        await turn.next(); // The last calls are recorded by then.
        if (release(journal)) await journal.close?.();
      }
    }
  }

  const engine: Engine = {
    board: (call, limits) => board(call, limits, alone),
    isGuest,
    changeFlight: (call, trip) => changeFlight(call, alone, trip),
    inStore: (call, budget) => inStore(call, alone, budget),
    async outcomeOf(call, found, trip) {
      if (found.source === "store" && turn.isOver()) await turn.next();
      return outcomeOf(call, found, trip);
    },
    exit,
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
    ...createElsewhere({ store: guarded, entries, stats, report, recorders: options, assertOpen }),
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
