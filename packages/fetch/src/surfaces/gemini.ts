import { isMembers, type JsonObject } from "@remem/core/plugin";
import { checkBy, countOf, isText, modelOf, modelProblem, type Problem } from "../json/members.ts";
import { numberIds } from "../json/omit-nested.ts";
import { geminiTexts } from "../texts/gemini.ts";
import { eventStream } from "../wire/event-stream.ts";
import { jsonArray } from "../wire/json-array.ts";
import { whyGeminiNotAdmitted } from "./gemini/admit.ts";
import { passesThrough } from "./gemini/passes.ts";
import { createGeminiAggregate, geminiChunks } from "./gemini/stream.ts";
import type { HttpSurface } from "./http-surface.ts";
import { decoded } from "./scope.ts";

/** The version of the API, on Vertex AI a project and a location, the model, and the method. */
const PATH = /^(.*)\/(v\d\w*)(\/.*)?\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** Older models give their calls no ids, so the AI SDK makes up some. */
const CALL_IDS = {
  names: new Set(["id"]),
  within: new Set(["contents", "parts", "functionCall", "functionResponse", "function_call", "function_response"]),
};

const events = eventStream({ newline: "\r\n" });

/** Gemini's `generateContent`, also on Vertex AI. */
export const geminiSurface: HttpSurface<JsonObject, GeminiAnswer> = {
  surface: {
    specVersion: 1,
    name: "gemini",
    model: modelOf,
    // Members that decide how the answer is billed or routed, in both spellings that the server reads.
    unkeyed: new Set(["labels", "serviceTier", "service_tier"]),
    check: checkBy(problemOf),
    isAnswer: isGeminiAnswer,
    admit: (answer, request) => whyGeminiNotAdmitted(answer, request) === undefined,
    whyNotAdmitted: whyGeminiNotAdmitted,
    tokens({ usageMetadata: usage }) {
      const answered = countOf(usage?.candidatesTokenCount) + countOf(usage?.thoughtsTokenCount);
      return { prompt: countOf(usage?.promptTokenCount), completion: answered };
    },
    finishReason: ({ candidates = [] }) => {
      const reason = candidates[0]?.finishReason;
      return isText(reason) ? reason : undefined;
    },
    texts: geminiTexts,
    aggregate: createGeminiAggregate,
    chunksOf: geminiChunks,
  },
  matches: ({ pathname }) => PATH.test(pathname),
  find({ url, body }) {
    const [, prefix, apiVersion = "", middle = "", model = "", method] = PATH.exec(url.pathname) ?? [];
    const request = { ...numberIds(body, CALL_IDS), model: decoded(model), apiVersion };
    if (problemOf(request) !== undefined) return { passes: "no request for content" };
    const passes = passesThrough(body);
    if (passes !== undefined) return { passes };
    return { request, scope: `${url.origin}${prefix}${middle}`, isStream: method === "streamGenerateContent" };
  },
  stream: ({ searchParams }) => (searchParams.get("alt") === "sse" ? events : jsonArray),
  errorBody: (message, code) => ({ error: { code: null, message, status: code.toUpperCase() } }),
};

/** The answer to a `generateContent`. It has no candidates if the prompt was blocked. */
export interface GeminiAnswer extends JsonObject {
  readonly candidates?: readonly JsonObject[];
  readonly usageMetadata?: JsonObject | null;
}

function problemOf(request: JsonObject): Problem | undefined {
  const problem = modelProblem(request);
  if (problem !== undefined) return problem;
  return Array.isArray(request.contents) ? undefined : ["/contents", "must be a list of contents."];
}

function isGeminiAnswer(value: unknown): value is GeminiAnswer {
  if (!isMembers(value)) return false;
  const { candidates, promptFeedback } = value;
  if (candidates === undefined) return isMembers(promptFeedback);
  return Array.isArray(candidates) && candidates.length > 0 && candidates.every(isMembers);
}
