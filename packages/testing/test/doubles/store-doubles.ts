import type { StoreContractCase } from "../../src/index.ts";
import { changingKeys, changingOptions, changingValues, type Double, never } from "./break.ts";
import { FLIGHT_DOUBLES } from "./flight-doubles.ts";
import { HEADS_DOUBLES } from "./heads-doubles.ts";
import { SIDECAR_DOUBLES } from "./sidecar-doubles.ts";

export const DOUBLES: Readonly<Record<StoreContractCase, readonly Double[]>> = {
  "an unknown key is undefined": [
    [
      "get answers a miss with an empty value",
      (store) => ({ get: async (key) => (await store.get(key)) ?? "" }),
      /get\("unknown"\) gave "" instead of undefined/,
    ],
    [
      "get finds the members of every object",
      (store) => ({ get: async (key) => (await store.get(key)) ?? ({} as Record<string, string>)[key] }),
      /get\("__proto__"\) gave/,
    ],
  ],
  "exactly what was set comes back, even if it is empty, NUL, astral, like JSON or 1 MiB": [
    ["set trims", changingValues((value) => value.trim()), /a text between line breaks gave "a"/],
    ["set stops at NUL", changingValues((value) => value.split("\0")[0] ?? ""), /one NUL character gave ""/],
    ["set drops nothing", changingValues((value) => value || "null"), /an empty text gave "null"/],
    ["set keeps 64 KiB", changingValues((value) => value.slice(0, 65_536)), /a text of 1 MiB gave/],
    ["set replaces astral characters", changingValues((value) => value.replace(/[\ud800-\udfff]/g, "?")), /astral/],
    [
      "set parses a value that looks like JSON",
      changingValues((value) => (/^".+"$/.test(value) ? JSON.parse(value) : value)),
      /a JSON text gave/,
    ],
  ],
  "set replaces an older value": [
    ["set keeps the first", changingOptions((options) => ({ ...options, ifAbsent: true })), /gave "one" instead of/],
  ],
  "set with ifAbsent never replaces a value": [
    ["set ignores ifAbsent", changingOptions(({ ifAbsent: _, ...options }) => options), /gave "two" instead of "one"/],
    [
      "ifAbsent mistakes an empty value for none",
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
    ["keys become file names", changingKeys((key) => key.replace(/[^\w ]/g, "_")), /gave "value of /],
    ["keys become paths", changingKeys((key) => new URL(key, "file:///").pathname), /gave "value of /],
    [
      "delete mistakes keys for patterns",
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
  "getMany answers in order, with gaps and repeats": [
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
  "getMany answers no keys with no values": [
    [
      "getMany asks its backend for no keys",
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
      /delete of an unknown key did not return false/,
    ],
    [
      "delete is always false",
      (store) => ({ delete: async (key) => (await store.delete(key)) && false }),
      /delete of an existing key did not return true/,
    ],
    [
      "delete deletes nothing",
      (store) => ({ delete: async (key) => (await store.get(key)) !== undefined }),
      /get\("k"\)/,
    ],
  ],
  "clear leaves an empty, usable store": [
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
      /clear removed data of others/,
    ],
  ],
  "a value is served until it expires, and not after": [
    ["expiry is ignored", changingOptions(({ expiresAt: _, ...options }) => options), /returned a value \d+ ms after/],
    [
      "expiry is rounded up to seconds",
      changingOptions(({ expiresAt, ...options }) => {
        return expiresAt === undefined ? options : { ...options, expiresAt: Math.ceil(expiresAt / 1000 + 1) * 1000 };
      }),
      /returned a value \d+ ms after/,
    ],
    [
      "expiry is rounded down to seconds",
      changingOptions(({ expiresAt, ...options }) => {
        return expiresAt === undefined ? options : { ...options, expiresAt: Math.floor(expiresAt / 1000 - 1) * 1000 };
      }),
      /did not return a value \d+ ms before its expiry/,
    ],
    [
      "getMany ignores expiry",
      (_, { slots }) => ({ getMany: async (keys) => keys.map((key) => slots.get(key)?.value) }),
      /strictly deep-equal/,
    ],
  ],
  "a value set with a past expiry is not served": [
    [
      "an expiry of 0 is ignored",
      changingOptions(({ expiresAt, ...options }) => (expiresAt ? { ...options, expiresAt } : options)),
      /get\("new"\) gave "past"/,
    ],
    [
      "set does nothing with a past expiry",
      (store) => ({
        async set(key, value, options) {
          if ((options?.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now()) await store.set(key, value, options);
        },
      }),
      /get\("old"\) gave "live"/,
    ],
  ],
  "a value without expiry stays when it replaces one with expiry": [
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
      "ifAbsent mistakes an expired value for a live one",
      (store, { slots }) => ({
        async set(key, value, options) {
          if (!(options?.ifAbsent && slots.has(key))) await store.set(key, value, options);
        },
      }),
      /get\("k"\) gave undefined instead of "new"/,
    ],
  ],
  "entries leave out expired values": [
    [
      "entries give expired values",
      (_, { slots }) => ({
        async *entries() {
          for (const [key, { value }] of slots) yield [key, value] as const;
        },
      }),
      /strictly deep-equal/,
    ],
  ],
  "entries give everything that get would serve, once each": [
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
  "entries can be left early": [
    [
      "entries lock the store until their end",
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
      /Leaving `entries` early and then writing took longer than/,
    ],
  ],
  "a second handle sees what the first has written": [
    [
      "a handle caches its reads",
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
      "close clears the backend",
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
      /half-written|neither of the two/,
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
      "getSidecar answers with none",
      (store) => ({ getSidecar: (key) => store.getSidecar!(key).catch(() => undefined) }),
      /getSidecar answered undefined though the backend fails/,
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
      "getSidecar still answers",
      (store) => {
        let isClosed = false;
        return {
          getSidecar: async (key) => (isClosed ? "s" : store.getSidecar!(key)),
          async close() {
            isClosed = true;
            await store.close();
          },
        };
      },
      /getSidecar answered "s" after close instead of rejecting/,
    ],
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
  "close can be called twice, even on an unused store": [
    [
      "the second close rejects",
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
      "close without use rejects",
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
  ...HEADS_DOUBLES,
  ...SIDECAR_DOUBLES,
  ...FLIGHT_DOUBLES,
};
