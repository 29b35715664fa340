import { setImmediate as nextTurn } from "node:timers/promises";
import type { FlightEnd, Flights } from "@remem/core";
import type { flightCases } from "../../src/store-contract/flight-cases.ts";
import { type Break, type Double, never } from "./break.ts";
import { type Backend, createBackend, DEAD, referenceFlights } from "./reference-store.ts";

const changingFlights = (change: (flights: Flights, backend: Backend) => Partial<Flights>): Break => {
  return ({ flights }, backend) => ({ flights: { ...flights!, ...change(flights!, backend) } });
};

const processes = new WeakMap<Backend, Backend>();

/** The state that the handles on a backend share within one process only. */
function processOf(backend: Backend): Backend {
  const known = processes.get(backend) ?? createBackend();
  processes.set(backend, known);
  return known;
}

/** How often a dead leader was found, on any handle. */
let looks = 0;

export const FLIGHT_DOUBLES: Readonly<Record<keyof typeof flightCases, readonly Double[]>> = {
  "flights have one leader at a time": [
    [
      "every caller leads",
      changingFlights(() => ({ enter: (key) => referenceFlights(createBackend()).enter(key) })),
      /Of 8 concurrent calls of enter 8 got the lease/,
    ],
    [
      "checking and acquiring are two steps",
      changingFlights((_, { leaders }) => ({
        async enter(key) {
          if (leaders.has(key)) return undefined;
          await nextTurn();
          leaders.set(key, Symbol(key));
          return referenceFlights(createBackend()).enter(key);
        },
      })),
      /Of 8 concurrent calls of enter 8 got the lease/,
    ],
  ],
  "flights have one leader at a time across handles": [
    [
      "each handle has flights of its own",
      () => ({ flights: referenceFlights(createBackend()) }),
      /Of 8 concurrent calls of enter 2 got the lease/,
    ],
  ],
  "flights have one leader at a time across processes": [
    [
      "flights see only their own process",
      (_, backend) => ({ flights: referenceFlights(processOf(backend)) }),
      /gave the lease to a second leader while another process holds it/,
    ],
    [
      "followers are woken only by their own process",
      (_, backend) => ({
        flights: referenceFlights({ leaders: backend.leaders, waiting: processOf(backend).waiting }),
      }),
      /Waking followers of another process took longer than/,
    ],
  ],
  "flights of different keys are independent": [
    [
      "one lease for all keys",
      changingFlights(({ enter }) => ({ enter: () => enter("all") })),
      /enter\("A"\) gave no lease/,
    ],
  ],
  "flights can be entered again after a release": [
    [
      "the lease is never released",
      changingFlights(({ enter }) => ({
        async enter(key) {
          const lease = await enter(key);
          return lease && { ...lease, async [Symbol.asyncDispose]() {} };
        },
      })),
      /gave no lease although none is held/,
    ],
  ],
  "flights are free again after the leader's work fails": [
    [
      "the release throws",
      changingFlights(({ enter }) => ({
        async enter(key) {
          const lease = await enter(key);
          return (
            lease && {
              ...lease,
              async [Symbol.asyncDispose]() {
                await lease[Symbol.asyncDispose]();
                throw new Error("The leader is gone.");
              },
            }
          );
        },
      })),
      /hid the failure of the work behind Error: The leader is gone/,
    ],
  ],
  "flights ignore the second release of an earlier lease": [
    [
      "the release ignores who holds the lease",
      changingFlights(({ enter }, { leaders }) => ({
        async enter(key) {
          const lease = await enter(key);
          return lease && { ...lease, [Symbol.asyncDispose]: async () => void leaders.delete(key) };
        },
      })),
      /A lease released twice took the lease of the next leader/,
    ],
  ],
  "flights wake followers on a release": [
    ["changed never wakes", changingFlights(() => ({ changed: () => never })), /Waking followers took longer than/],
  ],
  "flights wake followers on another handle": [
    [
      "the release wakes only its own handle",
      (_, { leaders }) => ({ flights: referenceFlights({ leaders, waiting: new Map() }) }),
      /Waking followers took longer than/,
    ],
  ],
  "flights let no follower wait for a lease that is released already": [
    [
      "changed waits for the next release",
      changingFlights((_, { waiting }) => ({
        changed: (key) =>
          new Promise((resolve) => {
            waiting.set(key, (waiting.get(key) ?? new Set()).add(resolve));
          }),
      })),
      /`changed` without a leader took longer than/,
    ],
  ],
  "flights tell how a lease ended": [
    [
      "changed tells nothing",
      changingFlights(({ changed }) => ({ changed: (key, options) => changed(key, options).then(() => undefined!) })),
      /changed resolved with undefined instead of "released" or "unknown"/,
    ],
    [
      "changed has its own result where nobody leads",
      changingFlights(({ changed }, { leaders }) => ({
        changed: async (key, options) => (leaders.has(key) ? changed(key, options) : ("free" as FlightEnd)),
      })),
      /changed resolved with "free" instead of/,
    ],
  ],
  "flights end a wait with the signal's reason": [
    [
      "changed ignores the signal",
      changingFlights(({ changed }) => ({
        changed: (key) => changed(key, { signal: new AbortController().signal }),
      })),
      /`changed` with an aborted signal took longer than/,
    ],
    [
      "changed rejects with its own error",
      changingFlights(({ changed }) => ({
        changed: (key, options) => changed(key, options).catch(() => Promise.reject(new Error("Aborted."))),
      })),
      /changed rejected with Error: Aborted\. instead of the signal's reason/,
    ],
    [
      "changed resolves",
      changingFlights(({ changed }) => ({
        changed: (key, options) => changed(key, options).catch(() => "unknown" as const),
      })),
      /changed resolved although its signal is aborted/,
    ],
  ],
  "flights let one of two followers take over": [
    [
      "a follower gets in while another leads",
      changingFlights(({ enter, changed }, { leaders }) => {
        let waited = 0;
        return {
          async enter(key) {
            if (waited > 0) leaders.delete(key);
            return enter(key);
          },
          async changed(key, options) {
            const end = await changed(key, options);
            waited++;
            return end;
          },
        };
      }),
      /Both followers lead at once|enter gave a second lease while a follower holds the first/,
    ],
  ],
  "flights let one of two followers take over from a dead leader": [
    [
      "a dead leader leads forever",
      changingFlights(({ enter }, { leaders }) => ({
        enter: async (key) => (leaders.get(key) === DEAD ? undefined : enter(key)),
      })),
      /Taking over in turn took longer than/,
    ],
    [
      "the second to check acquires late",
      changingFlights(({ enter }, { leaders }) => ({
        async enter(key) {
          const wasDead = leaders.get(key) === DEAD;
          if (wasDead && ++looks % 2 === 0) for (let turn = 0; turn < 5; turn++) await nextTurn();
          if (wasDead) leaders.delete(key);
          return enter(key);
        },
      })),
      /Both followers lead at once|enter gave a second lease while a follower holds the first/,
    ],
  ],
};
