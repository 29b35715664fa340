import { readdirSync, readFileSync } from "node:fs";
import type { ChatCompletion, ChatRequest } from "@remem/core";

/** Any number of questions, each with its answer: the n-th is the same in every process. */
export interface Workload {
  /** JSON, so that whoever asks parses it afresh: nobody gains from having seen the same object before. */
  requestText(index: number): string;
  completion(index: number): ChatCompletion;
  answer(index: number): string;
}

export interface Size {
  readonly promptChars: number;
  readonly answerChars: number;
}

/** Plain English with code and figures in it, as prompts have: the repository's own pages. */
const prose = pages(new URL("../../../", import.meta.url));

export function createWorkload({ promptChars, answerChars }: Size): Workload {
  const answer = (index: number): string => excerpt(index * 7 + 3, answerChars);
  return {
    requestText: (index) =>
      JSON.stringify({
        messages: [
          { role: "system", content: "You are a careful assistant. Answer in one paragraph." },
          { role: "user", content: `Question ${index}: ${excerpt(index, promptChars)}` },
        ],
        model: "gpt-4o-mini",
        seed: 0,
        temperature: 0,
      }),
    completion: (index) => ({
      id: `chatcmpl-${index}`,
      object: "chat.completion",
      created: 1_760_000_000 + index,
      model: "gpt-4o-mini-2024-07-18",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: answer(index), refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: Math.ceil(promptChars / 4),
        completion_tokens: Math.ceil(answerChars / 4),
        total_tokens: Math.ceil((promptChars + answerChars) / 4),
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      },
      service_tier: "default",
      system_fingerprint: "fp_51db84afab",
    }),
    answer,
  };
}

/** Which question this is. */
export function indexOf({ messages }: ChatRequest): number {
  const asked = /^Question (\d+):/.exec(String(messages.at(-1)?.content));
  if (asked === null) throw new Error("This is none of the workload's questions.");
  return Number(asked[1]);
}

/** Starts anywhere, and wraps around at the end of the text. */
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

function pages(root: URL): string {
  const namesIn = (folder: string): string[] => readdirSync(new URL(folder, root)).sort();
  const paths = [
    ...namesIn("docs/decisions/").map((name) => `docs/decisions/${name}`),
    ...namesIn("packages/").map((name) => `packages/${name}/README.md`),
  ];
  const texts = paths.map((path) => readFileSync(new URL(path, root), "utf8"));
  // What is beyond ASCII would double the size of some strings in memory, and not of others.
  return texts.join("\n").replaceAll(/[^\n\x20-\x7e]/g, "-");
}
