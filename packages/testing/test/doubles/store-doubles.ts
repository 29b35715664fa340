import { setImmediate as nextTurn } from "node:timers/promises";
import type { CacheStore, FlightEnd, Flights, StoreSetOptions } from "@remem/core";
import type { StoreContractCase } from "../../src/index.ts";
import { type Backend, createBackend, DEAD, referenceFlights } from "./reference-store.ts";

/** What breaks the reference store: these members instead of its own. */
export type Break = (store: CacheStore, backend: Backend) => Partial<CacheStore>;

const never = new Promise<never>(() => {});

const changingValues = (change: (value: string) => string): Break => {
  return (store) => ({ set: (key, value, options) => store.set(key, change(value), options) });
};
const changingOptions = (change: (options: StoreSetOptions, slot: string) => StoreSetOptions): Break => {
  return (store) => ({ set: (key, value, options = {}) => store.set(key, value, change(options, key)) });
};
const changingKeys = (change: (key: string) => string): Break => {
  return (store) => ({
    get: (key) => store.get(change(key)),
    set: (key, value, options) => store.set(change(key), value, options),
    delete: (key) => store.delete(change(key)),
  });
};
const changingFlights = (change: (flights: Flights, backend: Backend) => Partial<Flights>): Break => {
  return ({ flights }, backend) => ({ flights: { ...flights!, ...change(flights!, backend) } });
};

const processes = new WeakMap<Backend, Backend>();

/** What all handles on a backend share in one process, and no other process sees. */
function processOf(backend: Backend): Backend {
  const known = processes.get(backend) ?? createBackend();
  processes.set(backend, known);
  return known;
}

/** How often somebody found a dead leader, on whatever handle. */
let looks = 0;

/** The reference store with one promise broken, and what the case has to say to that. */
export type Double = readonly [broken: string, change: Break, says: RegExp];

export const DOUBLES: Readonly<Record<StoreContractCase, readonly Double[]>> = {
  "an unknown key is undefined": [
    [
      "get answers a miss with an empty value",
      (store) => ({ get: async (key) => (await store.get(key)) ?? "" }),
      /get\("unknown"\) gave "" instead of undefined/,
    ],
    [
      "get finds what every object has",
      (store) => ({ get: async (key) => (await store.get(key)) ?? ({} as Record<string, string>)[key] }),
      /get\("__proto__"\) gave/,
    ],
  ],
  "exactly what was set comes back, be it empty, NUL, astral, like JSON or 1 MiB": [
    ["set trims", changingValues((value) => value.trim()), /a value between line breaks gave "a"/],
    ["set stops at NUL", changingValues((value) => value.split("\0")[0] ?? ""), /one NUL character gave ""/],
    ["set drops nothing", changingValues((value) => value || "null"), /an empty value gave "null"/],
    ["set keeps 64 KiB", changingValues((value) => value.slice(0, 65_536)), /a value of 1 MiB gave/],
    ["set knows no astral planes", changingValues((value) => value.replace(/[\ud800-\udfff]/g, "?")), /astral/],
    [
      "set takes what looks like JSON for JSON",
      changingValues((value) => (/^".+"$/.test(value) ? JSON.parse(value) : value)),
      /a JSON text gave/,
    ],
  ],
  "set replaces what was there": [
    ["set keeps the first", changingOptions((options) => ({ ...options, ifAbsent: true })), /gave "one" instead of/],
  ],
  "set with ifAbsent replaces nothing": [
    ["set ignores ifAbsent", changingOptions(({ ifAbsent: _, ...options }) => options), /gave "two" instead of "one"/],
    [
      "ifAbsent takes an empty value for none",
      (store) => ({
        async set(key, value, options = {}) {
          await store.set(key, value, { ...options, ifAbsent: !!options.ifAbsent && (await store.get(key)) !== "" });
        },
      }),
      /get\("empty"\) gave "two"/,
    ],
  ],
  "keys that differ in case, or hold * ? [ ] : % _ / or spaces, are kept apart": [
    ["keys are lower-cased", changingKeys((key) => key.toLowerCase()), /get\("a"\) gave "value of A"/],
    ["keys are trimmed", changingKeys((key) => key.trim()), /gave "value of a {2}"/],
    ["keys become names of files", changingKeys((key) => key.replace(/[^\w ]/g, "_")), /gave "value of /],
    ["keys become paths", changingKeys((key) => new URL(key, "file:///").pathname), /gave "value of /],
    [
      "delete takes keys for patterns",
      (store, { slots }) => ({
        async delete(pattern) {
          const all = [...slots.keys()].filter((key) => pattern === "a*" && key.startsWith("a"));
          for (const key of all) slots.delete(key);
          return store.delete(pattern);
        },
      }),
      /gave undefined instead of "value of/,
    ],
  ],
  "getMany, if there is one, answers in order, with gaps and repeats": [
    [
      "getMany drops repeats",
      (store) => ({ getMany: (keys) => store.getMany!([...new Set(keys)]) }),
      /strictly deep-equal/,
    ],
    [
      "getMany drops gaps",
      (store) => ({ getMany: async (keys) => (await store.getMany!(keys)).filter((value) => value !== undefined) }),
      /strictly deep-equal/,
    ],
    ["getMany sorts", (store) => ({ getMany: (keys) => store.getMany!(keys.toSorted()) }), /strictly deep-equal/],
  ],
  "getMany, if there is one, answers no keys with no values": [
    [
      "getMany asks its backend for nothing",
      (store) => ({
        async getMany(keys) {
          if (keys.length === 0) throw new Error("wrong number of arguments");
          return store.getMany!(keys);
        },
      }),
      /wrong number of arguments/,
    ],
  ],
  "delete says whether the key was there": [
    [
      "delete is always true",
      (store) => ({ delete: async (key) => (await store.delete(key)) || true }),
      /delete of an unknown key did not give false/,
    ],
    [
      "delete is always false",
      (store) => ({ delete: async (key) => (await store.delete(key)) && false }),
      /delete of a key that was there did not give true/,
    ],
    [
      "delete deletes nothing",
      (store) => ({ delete: async (key) => (await store.get(key)) !== undefined }),
      /get\("k"\)/,
    ],
  ],
  "clear leaves nothing, and the store usable": [
    ["clear does nothing", () => ({ async clear() {} }), /get\("a"\) gave "v" instead of undefined/],
    ["clear closes", (store) => ({ clear: () => store.close() }), /closed/],
  ],
  "clear leaves what belongs to others": [
    [
      "clear empties the whole backend",
      (store, { foreign }) => ({
        async clear() {
          foreign.clear();
          await store.clear();
        },
      }),
      /clear removed what is not the store's/,
    ],
  ],
  "a value is served until it expires, and not after": [
    ["expiry is ignored", changingOptions(({ expiresAt: _, ...options }) => options), /served a value \d+ ms after/],
    [
      "expiry is rounded up to seconds",
      changingOptions(({ expiresAt, ...options }) => {
        return expiresAt === undefined ? options : { ...options, expiresAt: Math.ceil(expiresAt / 1000 + 1) * 1000 };
      }),
      /served a value \d+ ms after/,
    ],
    [
      "expiry is rounded down to seconds",
      changingOptions(({ expiresAt, ...options }) => {
        return expiresAt === undefined ? options : { ...options, expiresAt: Math.floor(expiresAt / 1000 - 1) * 1000 };
      }),
      /did not serve a value \d+ ms before it expires/,
    ],
    [
      "getMany ignores expiry",
      (_, { slots }) => ({ getMany: async (keys) => keys.map((key) => slots.get(key)?.value) }),
      /strictly deep-equal/,
    ],
  ],
  "a value that is past its expiry when it is set is not served": [
    [
      "an expiry of 0 is none",
      changingOptions(({ expiresAt, ...options }) => (expiresAt ? { ...options, expiresAt } : options)),
      /get\("new"\) gave "past"/,
    ],
    [
      "set does nothing where the expiry is past",
      (store) => ({
        async set(key, value, options) {
          if ((options?.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now()) await store.set(key, value, options);
        },
      }),
      /get\("old"\) gave "live"/,
    ],
  ],
  "a value without expiry stays where it replaces one with expiry": [
    [
      "a slot keeps its first expiry",
      (store, { slots }) => ({
        set: (key, value, options) => store.set(key, value, { ...slots.get(key), ...options }),
      }),
      /get\("k"\) gave undefined instead of "stays"/,
    ],
  ],
  "set with ifAbsent fills a slot whose value has expired": [
    [
      "ifAbsent takes an expired value for one",
      (store, { slots }) => ({
        async set(key, value, options) {
          if (!(options?.ifAbsent && slots.has(key))) await store.set(key, value, options);
        },
      }),
      /get\("k"\) gave undefined instead of "new"/,
    ],
  ],
  "entries, if there are any, leave out what has expired": [
    [
      "entries give expired ones",
      (_, { slots }) => ({
        async *entries() {
          for (const [key, { value }] of slots) yield [key, value] as const;
        },
      }),
      /strictly deep-equal/,
    ],
  ],
  "entries, if there are any, give once each all that get would serve": [
    [
      "entries give the first page",
      (store) => ({
        async *entries() {
          let count = 0;
          for await (const entry of store.entries!()) if (count++ < 100) yield entry;
        },
      }),
      /entries gave 100 of 151/,
    ],
    [
      "entries give some twice",
      (store) => ({
        async *entries() {
          for await (const entry of store.entries!()) yield* [entry, entry];
        },
      }),
      /entries gave 302 of 151/,
    ],
  ],
  "entries, if there are any, can be left early": [
    [
      "entries lock the store to their end",
      (store) => {
        let isLocked = false;
        return {
          async *entries() {
            isLocked = true;
            yield* store.entries!();
            isLocked = false;
          },
          set: async (...entry) => (isLocked ? never : store.set(...entry)),
        };
      },
      /Leaving `entries` early, and writing then, took longer than/,
    ],
  ],
  "a second handle sees what the first has written": [
    [
      "a handle remembers what it has read",
      (store) => {
        const read = new Map<string, Promise<string | undefined>>();
        return {
          async get(key) {
            if (!read.has(key)) read.set(key, store.get(key));
            return read.get(key);
          },
        };
      },
      /get\("k"\) gave undefined instead of "one"/,
    ],
  ],
  "what was set outlasts closing and reopening": [
    [
      "close takes everything along",
      (store, { slots }) => ({
        async close() {
          slots.clear();
          await store.close();
        },
      }),
      /get\("plain"\) gave undefined/,
    ],
  ],
  "two handles that write one key at once leave one whole value": [
    [
      "set writes in two halves",
      (store) => ({
        async set(key, value, options) {
          const half = value.length / 2;
          await store.set(key, value.slice(0, half), options);
          await store.set(key, (await store.get(key)) + value.slice(half), options);
        },
      }),
      /half written|none of the two/,
    ],
  ],
  "when the backend fails every operation rejects, and none answers with a miss": [
    [
      "get answers with a miss",
      (store) => ({ get: (key) => store.get(key).catch(() => undefined) }),
      /get answered undefined though the backend fails/,
    ],
    [
      "getMany answers with misses",
      (store) => ({ getMany: (keys) => store.getMany!(keys).catch(() => keys.map(() => undefined)) }),
      /getMany answered \[null,null\] though the backend fails/,
    ],
    [
      "set is silent",
      (store) => ({ set: (...entry) => store.set(...entry).catch(() => {}) }),
      /set answered undefined/,
    ],
    [
      "delete is silent",
      (store) => ({ delete: (key) => store.delete(key).catch(() => false) }),
      /delete answered false/,
    ],
    ["clear is silent", (store) => ({ clear: () => store.clear().catch(() => {}) }), /clear answered undefined/],
    [
      "entries end",
      (store) => ({
        async *entries() {
          try {
            yield* store.entries!();
          } catch {}
        },
      }),
      /entries answered \[\]/,
    ],
  ],
  "after close every operation rejects with STORE_CLOSED": [
    ["close does nothing", () => ({ async close() {} }), /get answered "v" after close instead of rejecting/],
    [
      "the error has no code",
      (store) => {
        let isClosed = false;
        return {
          get: (key) => (isClosed ? Promise.reject(new Error("I am closed.")) : store.get(key)),
          async close() {
            isClosed = true;
          },
        };
      },
      /get after close rejected with code undefined: Error: I am closed\./,
    ],
    [
      "get throws",
      (store) => {
        let isClosed = false;
        return {
          get(key) {
            if (isClosed) throw new Error("I am closed.");
            return store.get(key);
          },
          async close() {
            isClosed = true;
          },
        };
      },
      /get threw after close instead of rejecting/,
    ],
  ],
  "close can be called twice, also on a store that was never used": [
    [
      "the second close complains",
      (store) => {
        let times = 0;
        return {
          async close() {
            if (times++ > 0) throw new Error("The connection is closed already.");
            await store.close();
          },
        };
      },
      /The connection is closed already/,
    ],
    [
      "close without use complains",
      (store) => {
        let isUsed = false;
        return {
          async set(...entry) {
            isUsed = true;
            await store.set(...entry);
          },
          async close() {
            if (!isUsed) throw new Error("There is no connection.");
            await store.close();
          },
        };
      },
      /There is no connection/,
    ],
  ],
  "flights, if there are any, have one leader at a time": [
    [
      "everybody leads",
      changingFlights(() => ({ enter: (key) => referenceFlights(createBackend()).enter(key) })),
      /Of 8 that entered at once 8 lead/,
    ],
    [
      "looking and taking are two steps",
      changingFlights((_, { leaders }) => ({
        async enter(key) {
          if (leaders.has(key)) return undefined;
          await nextTurn();
          leaders.set(key, Symbol(key));
          return referenceFlights(createBackend()).enter(key);
        },
      })),
      /Of 8 that entered at once 8 lead/,
    ],
  ],
  "flights, if there are any, have one leader at a time across handles": [
    [
      "each handle has flights of its own",
      () => ({ flights: referenceFlights(createBackend()) }),
      /Of 8 that entered at once 2 lead/,
    ],
  ],
  "flights, if there are any, have one leader at a time across processes": [
    [
      "flights know of their own process alone",
      (_, backend) => ({ flights: referenceFlights(processOf(backend)) }),
      /enter gave the lead though another process has it/,
    ],
    [
      "who waits is woken by its own process alone",
      (_, backend) => ({
        flights: referenceFlights({ leaders: backend.leaders, waiting: processOf(backend).waiting }),
      }),
      /Waking who waits for another process took longer than/,
    ],
  ],
  "flights, if there are any, of different keys do not hinder each other": [
    ["one lead for all", changingFlights(({ enter }) => ({ enter: () => enter("all") })), /enter\("A"\) gave no lead/],
  ],
  "flights, if there are any, can be entered again when the lead is given up": [
    [
      "the lead is kept for ever",
      changingFlights(({ enter }) => ({
        async enter(key) {
          const lease = await enter(key);
          return lease && { ...lease, async [Symbol.asyncDispose]() {} };
        },
      })),
      /gave no lead though nobody has it/,
    ],
  ],
  "flights, if there are any, are free again when the leader's work fails": [
    [
      "giving up the lead has an error of its own",
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
  "flights, if there are any, lose nothing when an earlier lead is given up twice": [
    [
      "giving up does not ask whose lead it is",
      changingFlights(({ enter }, { leaders }) => ({
        async enter(key) {
          const lease = await enter(key);
          return lease && { ...lease, [Symbol.asyncDispose]: async () => void leaders.delete(key) };
        },
      })),
      /A lead given up twice took the lead from the next leader/,
    ],
  ],
  "flights, if there are any, wake who waits when the lead is given up": [
    ["changed never wakes", changingFlights(() => ({ changed: () => never })), /Waking who waits took longer than/],
  ],
  "flights, if there are any, wake who waits on another handle": [
    [
      "giving up wakes those of the same handle",
      (_, { leaders }) => ({ flights: referenceFlights({ leaders, waiting: new Map() }) }),
      /Waking who waits took longer than/,
    ],
  ],
  "flights, if there are any, let nobody wait for a lead that is given up already": [
    [
      "changed waits for the next time",
      changingFlights((_, { waiting }) => ({
        changed: (key) =>
          new Promise((resolve) => {
            waiting.set(key, (waiting.get(key) ?? new Set()).add(resolve));
          }),
      })),
      /`changed` with nobody in the lead took longer than/,
    ],
  ],
  "flights, if there are any, tell whether the lease was released": [
    [
      "changed tells nothing",
      changingFlights(({ changed }) => ({ changed: (key, options) => changed(key, options).then(() => undefined!) })),
      /changed resolved with undefined instead of "released" or "unknown"/,
    ],
    [
      "changed has a word of its own where nobody leads",
      changingFlights(({ changed }, { leaders }) => ({
        changed: async (key, options) => (leaders.has(key) ? changed(key, options) : ("free" as FlightEnd)),
      })),
      /changed resolved with "free" instead of/,
    ],
  ],
  "flights, if there are any, end the wait with the signal's reason": [
    [
      "changed is deaf",
      changingFlights(({ changed }) => ({
        changed: (key) => changed(key, { signal: new AbortController().signal }),
      })),
      /`changed` with an aborted signal took longer than/,
    ],
    [
      "changed has a reason of its own",
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
      /changed resolved though its signal is aborted/,
    ],
  ],
  "flights, if there are any, let one of two who wait take over": [
    [
      "who waited is let in",
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
      /Both who waited lead at once|enter gave the lead though one who waited has it/,
    ],
  ],
  "flights, if there are any, let one of two take over from a leader that is dead": [
    [
      "the dead lead for ever",
      changingFlights(({ enter }, { leaders }) => ({
        enter: async (key) => (leaders.get(key) === DEAD ? undefined : enter(key)),
      })),
      /Taking over, one after the other, took longer than/,
    ],
    [
      "the second who looks is late in taking",
      changingFlights(({ enter }, { leaders }) => ({
        async enter(key) {
          const wasDead = leaders.get(key) === DEAD;
          if (wasDead && ++looks % 2 === 0) for (let turn = 0; turn < 5; turn++) await nextTurn();
          if (wasDead) leaders.delete(key);
          return enter(key);
        },
      })),
      /Both who waited lead at once|enter gave the lead though one who waited has it/,
    ],
  ],
};
