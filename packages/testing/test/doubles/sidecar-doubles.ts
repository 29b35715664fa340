import type { CacheStore, StoreSetOptions } from "@remem/core";
import type { sidecarCases } from "../../src/store-contract/sidecar-cases.ts";
import { type Break, changingOptions, type Double } from "./break.ts";
import type { Backend } from "./reference-store.ts";

const changingSidecars = (change: (sidecar: string) => string): Break =>
  changingOptions(({ sidecar, ...options }) =>
    sidecar === undefined ? options : { ...options, sidecar: change(sidecar) },
  );

const sidecarMaps = new WeakMap<Backend, Map<string, string>>();

/** Keeps sidecars apart from the slots, so that nothing but `change` removes them. */
function apart(
  change: (sidecars: Map<string, string>, store: CacheStore, backend: Backend) => Partial<CacheStore>,
): Break {
  return (store, backend) => {
    const sidecars = sidecarMaps.get(backend) ?? new Map<string, string>();
    sidecarMaps.set(backend, sidecars);
    return {
      async set(key, value, { sidecar, ...options }: StoreSetOptions = {}) {
        const isKept = options.ifAbsent === true && (await store.get(key)) !== undefined;
        await store.set(key, value, options);
        if (isKept) return;
        if (sidecar === undefined) sidecars.delete(key);
        else sidecars.set(key, sidecar);
      },
      getSidecar: async (key) => sidecars.get(key),
      ...change(sidecars, store, backend),
    };
  };
}

export const SIDECAR_DOUBLES: Readonly<Record<keyof typeof sidecarCases, readonly Double[]>> = {
  "a sidecar comes back exactly, even if it is empty, NUL, astral, like JSON or 1 MiB": [
    ["a sidecar is trimmed", changingSidecars((text) => text.trim()), /a text between line breaks gave "a"/],
    ["a sidecar stops at NUL", changingSidecars((text) => text.split("\0")[0] ?? ""), /one NUL character gave ""/],
    ["a sidecar has 64 KiB", changingSidecars((text) => text.slice(0, 65_536)), /a text of 1 MiB gave/],
    ["a sidecar is ASCII", changingSidecars((text) => text.replace(/[\ud800-\udfff]/g, "?")), /astral/],
    [
      "an empty sidecar is none",
      (store) => ({ getSidecar: async (key) => (await store.getSidecar!(key)) || undefined }),
      /an empty text gave undefined/,
    ],
    [
      "an empty value has no sidecar",
      (store) => ({
        getSidecar: async (key) => ((await store.get(key)) === "" ? undefined : store.getSidecar!(key)),
      }),
      /getSidecar\("empty"\) gave undefined instead of "s"/,
    ],
  ],
  "a key that is unknown, or was set without a sidecar, has none": [
    [
      "getSidecar answers an empty text instead of none",
      (store) => ({ getSidecar: async (key) => (await store.getSidecar!(key)) ?? "" }),
      /getSidecar\("plain"\) gave "" instead of undefined/,
    ],
    [
      "getSidecar finds the members of every object",
      (store) => ({
        getSidecar: async (key) => (await store.getSidecar!(key)) ?? ({} as Record<string, string>)[key],
      }),
      /getSidecar\("__proto__"\) gave/,
    ],
    [
      "getSidecar ignores case",
      (store) => ({ getSidecar: (key) => store.getSidecar!(key.toLowerCase()) }),
      /getSidecar\("K"\) gave "s"/,
    ],
  ],
  "get and getMany never give a sidecar": [
    [
      "get appends it",
      (store) => ({
        async get(key) {
          const [value, sidecar] = [await store.get(key), await store.getSidecar!(key)];
          return sidecar === undefined ? value : `${value}\n${sidecar}`;
        },
      }),
      /get\("a"\) gave "value of a\\nsidecar of a"/,
    ],
    [
      "getMany gives it instead",
      (store) => ({ getMany: (keys) => Promise.all(keys.map((key) => store.getSidecar!(key))) }),
      /strictly deep-equal/,
    ],
  ],
  "set with another sidecar replaces the older one": [
    [
      "the first sidecar stays",
      (store) => ({
        async set(key, value, options = {}) {
          const sidecar = (await store.getSidecar!(key)) ?? options.sidecar;
          await store.set(key, value, { ...options, ...(sidecar !== undefined && { sidecar }) });
        },
      }),
      /getSidecar\("k"\) gave "one" instead of "a second/,
    ],
  ],
  "set without a sidecar removes the older one": [
    [
      "the older one stays",
      (store) => ({
        async set(key, value, options = {}) {
          const sidecar = options.sidecar ?? (await store.getSidecar!(key));
          await store.set(key, value, { ...options, ...(sidecar !== undefined && { sidecar }) });
        },
      }),
      /getSidecar\("k"\) gave "s" instead of undefined/,
    ],
  ],
  "set with ifAbsent keeps the older value and its sidecar": [
    [
      "the sidecar is replaced whatever ifAbsent says",
      apart((sidecars, store) => ({
        async set(key, value, { sidecar, ...options } = {}) {
          await store.set(key, value, options);
          if (sidecar !== undefined) sidecars.set(key, sidecar);
        },
      })),
      /getSidecar\("k"\) gave "new" instead of "s"/,
    ],
    [
      "the sidecar is removed whatever ifAbsent says",
      apart((sidecars, store) => ({
        async set(key, value, { sidecar, ...options } = {}) {
          await store.set(key, value, options);
          if (sidecar === undefined) sidecars.delete(key);
          else if (!sidecars.has(key)) sidecars.set(key, sidecar);
        },
      })),
      /getSidecar\("k"\) gave undefined instead of "s"/,
    ],
    [
      "ifAbsent fills in a missing sidecar",
      apart((sidecars, store) => ({
        async set(key, value, { sidecar, ...options } = {}) {
          await store.set(key, value, options);
          if (sidecar !== undefined && !sidecars.has(key)) sidecars.set(key, sidecar);
        },
      })),
      /getSidecar\("plain"\) gave "new" instead of undefined/,
    ],
  ],
  "delete and clear take sidecars along": [
    [
      "delete leaves it",
      apart((sidecars, store) => ({
        async clear() {
          sidecars.clear();
          await store.clear();
        },
      })),
      /getSidecar\("a"\) gave "sidecar of a" instead of undefined/,
    ],
    [
      "clear leaves it",
      apart((sidecars, store) => ({
        async delete(key) {
          sidecars.delete(key);
          return store.delete(key);
        },
      })),
      /getSidecar\("b"\) gave "sidecar of b" instead of undefined/,
    ],
    [
      "delete takes all of them",
      apart((sidecars, store) => ({
        async delete(key) {
          sidecars.clear();
          return store.delete(key);
        },
      })),
      /getSidecar\("b"\) gave undefined instead of "sidecar of b"/,
    ],
  ],
  "a sidecar expires with its value": [
    ["a sidecar never expires", apart(() => ({})), /getSidecar\("past"\) gave "s" instead of undefined/],
    [
      "an expired sidecar is found by getSidecar",
      (store, { slots }) => ({
        async getSidecar(key) {
          const slot = slots.get(key);
          return key === "past" ? store.getSidecar!(key) : slot?.sidecar;
        },
      }),
      /getSidecar\("read"\) gave "s" instead of undefined/,
    ],
    [
      "the next value gets an expired sidecar",
      (store, { slots }) => ({
        async set(key, value, options = {}) {
          const sidecar = options.sidecar ?? slots.get(key)?.sidecar;
          await store.set(key, value, { ...options, ...(sidecar !== undefined && { sidecar }) });
        },
      }),
      /getSidecar\("refilled"\) gave "s" instead of undefined/,
    ],
  ],
  "entries give a sidecar as the third member, and none where there is none": [
    [
      "entries give no sidecars",
      (store) => ({
        async *entries() {
          for await (const [key, value] of store.entries!()) yield [key, value];
        },
      }),
      /strictly deep-equal/,
    ],
    [
      "entries give an empty one where there is none",
      (store) => ({
        async *entries() {
          for await (const [key, value, sidecar = ""] of store.entries!()) yield [key, value, sidecar];
        },
      }),
      /strictly deep-equal/,
    ],
    [
      "entries give undefined where there is none",
      (store) => ({
        async *entries() {
          for await (const [key, value, sidecar] of store.entries!()) yield [key, value, sidecar];
        },
      }),
      /strictly deep-equal/,
    ],
  ],
  "a second handle sees the sidecars that the first has written": [
    [
      "each handle has its own",
      (store) => apart(() => ({}))(store, { ...({} as Backend) }),
      /getSidecar\("k"\) gave undefined instead of "one"/,
    ],
  ],
  "a sidecar outlasts closing and reopening": [
    [
      "close drops sidecars",
      apart((sidecars, store) => ({
        async close() {
          sidecars.clear();
          await store.close();
        },
      })),
      /an empty text gave undefined|getSidecar\("an empty text"\) gave undefined/,
    ],
  ],
  "two handles that write one key at once leave a value with its own sidecar": [
    [
      "value and sidecar are written one after the other",
      (store, { slots }) => ({
        async set(key, value, { sidecar, ...options } = {}) {
          if (sidecar === "a") await store.get(key);
          await store.set(key, value, options);
          if (sidecar === "b") for (let turn = 0; turn < 5; turn++) await store.get(key);
          const slot = slots.get(key);
          if (slot !== undefined && sidecar !== undefined) slots.set(key, { ...slot, sidecar });
        },
      }),
      /getSidecar\("key 0"\) gave "b" instead of "a"/,
    ],
  ],
};
