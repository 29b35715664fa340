import { readFileSync } from "node:fs";
import type { ChatCompletion, ChatRequest } from "@remem/core";

/** Any number of questions with their answers. The n-th is the same in every process. */
export interface Workload {
  /** JSON, to be parsed for every use, so that no contestant gains from seeing the same object twice. */
  requestText(index: number): string;
  completion(index: number): ChatCompletion;
  answer(index: number): string;
}

export const KB = 1_024;

export interface Size {
  readonly promptChars: Chars;
  readonly answerChars: Chars;
}

/** One length for all, or a range with evenly distributed logarithms: most are short, and a few very long. */
type Chars = number | readonly [least: number, most: number];

/** For scenarios that are not about sizes. */
export const USUAL: Size = { promptChars: 1 * KB, answerChars: 2 * KB };

/** For titles. */
export function textOfSize({ promptChars, answerChars }: Size): string {
  const text = (chars: Chars): string =>
    typeof chars === "number" ? `${chars / KB} KB` : `${chars.map((end) => end / KB).join(" to ")} KB`;
  return `prompts of ${text(promptChars)}, answers of ${text(answerChars)}`;
}

/**
 * English text with code and figures in it, as in prompts: earlier pages of this repository, which stay the same so that figures
 * remain comparable. All ASCII, because other characters would double the size of some strings in memory, and not of others.
 */
const prose = readFileSync(new URL("./prose.txt", import.meta.url), "utf8");

export function createWorkload({ promptChars, answerChars }: Size): Workload {
  const promptLength = (index: number): number => charsOf(promptChars, index * GOLDEN);
  const answer = (index: number): string => excerpt(index * 7 + 3, charsOf(answerChars, index * SILVER));
  return {
    requestText: (index) =>
      JSON.stringify({
        messages: [
          { role: "system", content: "You are a careful assistant. Answer in one paragraph." },
          { role: "user", content: `Question ${index}: ${excerpt(index, promptLength(index))}` },
        ],
        model: "gpt-4o-mini",
        seed: 0,
        temperature: 0,
      }),
    completion(index) {
      const content = answer(index);
      const prompt_tokens = Math.ceil(promptLength(index) / 4);
      const completion_tokens = Math.ceil(content.length / 4);
      return {
        id: `chatcmpl-${index}`,
        object: "chat.completion",
        created: 1_760_000_000 + index,
        model: "gpt-4o-mini-2024-07-18",
        choices: [
          {
            index: 0,
            message: { role: "assistant", content, refusal: null, annotations: [] },
            logprobs: null,
            finish_reason: "stop",
          },
        ],
        usage: {
          prompt_tokens,
          completion_tokens,
          total_tokens: prompt_tokens + completion_tokens,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        },
        service_tier: "default",
        system_fingerprint: "fp_51db84afab",
      };
    },
    answer,
  };
}

// The fractions of their multiples are evenly distributed and independent of each other.
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const SILVER = Math.SQRT2 - 1;

/** The fraction of `place` is the position between the two lengths. */
function charsOf(chars: Chars, place: number): number {
  if (typeof chars === "number") return chars;
  const [least, most] = chars;
  return Math.round(least * (most / least) ** (place % 1));
}

/** The number of the question. */
export function indexOf({ messages }: ChatRequest): number {
  const asked = /^Question (\d+):/.exec(String(messages.at(-1)?.content));
  if (asked === null) throw new Error("This is not a question of the workload.");
  return Number(asked[1]);
}

/** The system's message, which is the first of a question, and the others. */
export function apart([first, ...rest]: ChatRequest["messages"]): { readonly system: string; readonly rest: unknown } {
  return { system: first!.content as string, rest };
}

/** An excerpt that starts anywhere and wraps around at the end of the text. */
function excerpt(seed: number, chars: number): string {
  let text = "";
  let at = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  while (text.length < chars) {
    const start = at % prose.length;
    text += prose.slice(start, start + chars - text.length);
    at = 0;
  }
  return text;
}
