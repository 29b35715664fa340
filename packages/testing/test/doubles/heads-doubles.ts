import type { HeadsOptions, StoredHead } from "@remem/core";
import type { headsCases } from "../../src/store-contract/heads-cases.ts";
import type { Break, Double } from "./break.ts";

const changingHeads =
  (change: (head: StoredHead, index: number) => StoredHead | undefined): Break =>
  (store) => ({
    async *heads(options?: HeadsOptions) {
      let index = 0;
      for await (const head of store.heads!(options)) {
        const changed = change(head, index++);
        if (changed !== undefined) yield changed;
      }
    },
  });

const withOptions =
  (change: (options: HeadsOptions) => HeadsOptions): Break =>
  (store) => ({ heads: (options = {}) => store.heads!(change(options)) });

export const HEADS_DOUBLES: Readonly<Record<keyof typeof headsCases, readonly Double[]>> = {
  "heads give the beginning of everything that entries give, once each": [
    ["heads end after a page", changingHeads((head, index) => (index < 128 ? head : undefined)), /heads gave 128 of/],
    ["a head is empty", changingHeads((head) => ({ ...head, head: "" })), /The head of "key 0" gave "" instead of/],
    [
      "a head has the line break",
      changingHeads(({ head, ...rest }) => ({ ...rest, head: `${head}\n` })),
      /gave "first 0\\n"/,
    ],
    [
      "a head has 64 characters",
      changingHeads(({ head, ...rest }) => ({ ...rest, head: head.slice(0, 64) })),
      /gave .*\(66 characters\) instead of/,
    ],
    [
      "a key stops at NUL",
      changingHeads(({ key, ...rest }) => ({ ...rest, key: key.split("\0")[0]! })),
      /The head of "odd .* gave undefined/,
    ],
  ],
  "heads give the sidecar, and none where there is none": [
    ["a sidecar is left out", changingHeads(({ sidecar: _, ...head }) => head), /The sidecar of a gave undefined/],
    ["a missing sidecar is empty", changingHeads((head) => ({ sidecar: "", ...head })), /The sidecar of b gave ""/],
  ],
  "heads give samples only of long sidecars, and only where that is asked for": [
    ["everything is a sample", changingHeads((head) => ({ ...head, isSample: true })), /a sample of the short sidecar/],
    [
      "a sample is always given",
      changingHeads((head) => (head.key === "long" ? { ...head, sidecar: "1", isSample: true } : head)),
      /not asked for/,
    ],
    [
      "a sample is not marked",
      changingHeads((head) => (head.key === "long" ? { ...head, sidecar: "1000000" } : head)),
      /The sidecar of long gave/,
    ],
    [
      "a sample is the whole",
      changingHeads((head) => (head.key === "long" ? { ...head, isSample: true } : head)),
      /A sample has 65535 characters/,
    ],
    [
      "a sample is of something else",
      changingHeads((head) => (head.key === "long" ? { ...head, sidecar: "1000000\nno", isSample: true } : head)),
      /something else than pieces/,
    ],
  ],
  "heads begin with the newest where that is asked for": [
    ["newestFirst is ignored", withOptions(({ prefix }) => ({ prefix })), /strictly deep-equal/],
    [
      "the order is that of the keys",
      (store) => ({
        async *heads(options?: HeadsOptions) {
          const all: StoredHead[] = [];
          for await (const head of store.heads!(options)) all.push(head);
          yield* all.toSorted(({ key: a }, { key: b }) => (a < b ? 1 : -1));
        },
      }),
      /strictly deep-equal/,
    ],
  ],
  "heads give only the keys with a prefix, whatever characters it has": [
    ["the prefix is ignored", withOptions(({ newestFirst }) => ({ newestFirst })), /for the prefix "a"/],
    [
      "the prefix is a pattern",
      (store) => ({
        async *heads({ prefix = "" }: HeadsOptions = {}) {
          const pattern = new RegExp(`^${prefix.replace(/[[\]*]/g, "\\$&").replaceAll("_", ".")}`);
          for await (const head of store.heads!()) if (pattern.test(head.key)) yield head;
        },
      }),
      /for the prefix "a_"/,
    ],
    [
      "the prefix ignores case",
      (store) => ({
        async *heads({ prefix = "" }: HeadsOptions = {}) {
          for await (const head of store.heads!()) {
            if (head.key.toLowerCase().startsWith(prefix.toLowerCase())) yield head;
          }
        },
      }),
      /for the prefix "a"/,
    ],
  ],
  "heads count the bytes of values and sidecars": [
    ["bytes are 0", changingHeads((head) => ({ ...head, bytes: 0 })), /counted 0 bytes for the key "small"/],
    [
      "bytes are those of the head",
      changingHeads((head) => ({ ...head, bytes: head.head.length })),
      /counted 1024 bytes for the key "value"/,
    ],
    [
      "the sidecar does not count",
      changingHeads((head) => ({ ...head, bytes: head.bytes - (head.sidecar?.length ?? 0) })),
      /for the key "sidecar"/,
    ],
  ],
  "heads leave out expired values": [
    [
      "expired values are listed",
      (_, { slots }) => ({
        async *heads() {
          for (const [key, { value }] of slots) yield { key, head: value, bytes: 1 };
        },
      }),
      /strictly deep-equal/,
    ],
  ],
  "heads can be left early, and their entries deleted meanwhile": [
    [
      "pages are counted",
      (store, { slots }) => ({
        async *heads() {
          for (let at = 0; at < slots.size; at += 10) {
            for (const key of [...slots.keys()].slice(at, at + 10)) yield { key, head: "v", bytes: 1 };
          }
          if (slots.size < 0) yield* store.heads!();
        },
      }),
      /heads gave \d+ of 150 entries/,
    ],
  ],
};
