import type { CallParams, ChatMessage } from "@remem/core";
import type { Luck } from "../seed.ts";

const TEXTS = [
  "",
  " ",
  "\0",
  "\ud800",
  "a\udc00",
  "caf\u00e9",
  "cafe\u0301",
  "😀",
  '"',
  "\\u0041",
  "\u2028",
  "</script>",
  "%s",
];
const NUMBERS = [0, -0, 1, -1, 0.1, 1e21, 5e-324, 2 ** 53, -(2 ** 63), Number.MAX_VALUE];
const NAMES = ["__proto__", "constructor", "a/b", "m~n", "", "0", "model", "remem", "toJSON", "\ud83d"];
const ROLES = ["system", "developer", "user", "assistant", "tool", "function"] as const;
const PARAMS = ["temperature", "seed", "stop", "response_format", "tools", "logit_bias", "user", "n", "model", "x"];

/** Values that make a request invalid. */
const UNSENDABLE: ReadonlyArray<() => unknown> = [
  () => Number.NaN,
  () => Number.NEGATIVE_INFINITY,
  () => 1n,
  () => new Date(0),
  () => new Map([[1, 2]]),
  () => Symbol("s"),
  () => () => 1,
  () => new Uint8Array(3),
  () => Object.defineProperty({}, "a", { enumerable: true, get: () => new URL("relative") }),
  () => new Proxy([], { get: () => new URL("relative") }),
  () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    return cycle;
  },
];

/** A random request, of which most are valid and some are not. */
export function anyRequest(luck: Luck): { readonly messages: readonly ChatMessage[]; readonly params: CallParams } {
  const messages = Array.from({ length: luck.pick(4) + 1 }, () => ({
    role: luck.oneOf(ROLES),
    content: anyValue(luck, 4),
    ...(luck.roll() < 0.2 && { [luck.oneOf(NAMES)]: anyValue(luck, 2) }),
  }));
  const params: Record<string, unknown> = {};
  while (luck.roll() < 0.5) params[luck.oneOf(PARAMS)] = anyValue(luck, 3);
  const broken = luck.roll() < 0.02 ? luck.oneOf<unknown>([null, "Hi", 1, {}, [null], [[]], ["Hi"]]) : messages;
  return { messages: broken as readonly ChatMessage[], params: params as CallParams };
}

function anyValue(luck: Luck, depth: number): unknown {
  const die = luck.pick(depth > 0 ? 12 : 8);
  if (die < 4) return Array.from({ length: luck.pick(4) }, () => luck.oneOf(TEXTS)).join(String(luck.pick(1_000)));
  if (die < 6) return luck.oneOf(NUMBERS);
  if (die === 6) return luck.oneOf([null, true, false, undefined]);
  if (die === 7) return luck.roll() < 0.2 ? luck.oneOf(UNSENDABLE)() : "plain";
  if (die < 10) return Array.from({ length: luck.pick(4) }, () => anyValue(luck, depth - 1));
  return Object.fromEntries(
    Array.from({ length: luck.pick(4) }, () => [luck.oneOf(NAMES), anyValue(luck, depth - 1)] as const),
  );
}
