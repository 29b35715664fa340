import { hash } from "node:crypto";
import type { ChatChoice, ChatCompletion, ChatRequest } from "@remem/core/plugin";
import { numberOf, objectOf, sortedJson } from "../json.ts";
import { sampleOf } from "./json-sample.ts";
import { proseFor } from "./prose.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";
import { promptTokens, tokensOf } from "./tokens.ts";
import { callOf, chosenTool, inputFor } from "./tools.ts";

const YEAR = 365 * 24 * 60 * 60;

/** Derives the answer, every member of it, from the request. */
export function completionFor(request: ChatRequest): ChatCompletion {
  const digest = hash("sha256", sortedJson(request));
  const choices = Array.from({ length: numberOf(request.n) ?? 1 }, (_, index) => choiceFor(request, digest, index));
  const prompt = promptTokens(request);
  const completion = choices.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    id: `chatcmpl-${digest.slice(0, 29)}`,
    object: "chat.completion",
    created: Date.UTC(2025, 0) / 1000 + seededRandom(digest).integer(YEAR),
    model: request.model,
    choices: choices.map(({ choice }) => choice),
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    },
    service_tier: "default",
    system_fingerprint: `fp_${hash("sha256", request.model).slice(0, 10)}`,
  };
}

function choiceFor(request: ChatRequest, digest: string, index: number): { choice: ChatChoice; tokens: number } {
  const reference = `${digest.slice(0, 10)}-${index}`;
  const random = seededRandom(reference);
  const prose = proseFor(request.messages, reference, random);
  const tool = chosenTool(request);

  const whole = tokensOf(tool === undefined ? contentFor(request, prose, random) : inputFor(tool, prose, random));
  const kept = whole.slice(0, numberOf(request.max_completion_tokens) ?? numberOf(request.max_tokens));
  const text = kept.join("");
  return {
    choice: {
      index,
      message: {
        role: "assistant",
        content: tool === undefined ? text : null,
        refusal: null,
        annotations: [],
        ...(tool && { tool_calls: [callOf(tool, `call_${hash("sha256", reference).slice(0, 24)}`, text)] }),
      },
      logprobs: null,
      finish_reason: kept.length < whole.length ? "length" : tool === undefined ? "stop" : "tool_calls",
    },
    tokens: kept.length,
  };
}

/** An object in JSON mode, else the prose itself. */
function contentFor(request: ChatRequest, prose: string, random: SeededRandom): string {
  const format = objectOf(request.response_format);
  const schema = format.type === "json_schema" ? objectOf(format.json_schema).schema : undefined;
  if (schema !== undefined) return JSON.stringify(sampleOf(schema, random));
  const json = format.type === "json_schema" || format.type === "json_object";
  return json ? JSON.stringify({ answer: prose, confidence: random.integer(101) / 100 }) : prose;
}
