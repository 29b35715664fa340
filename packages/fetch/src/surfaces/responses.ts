import type { Aggregate, JsonObject, Surface } from "@remem/core/plugin";
import { isMembers } from "@remem/core/plugin";
import { checkBy, countOf, isGiven, isText, modelOf, modelProblem, type Problem } from "../json/members.ts";
import { omitNested } from "../json/omit-nested.ts";
import { responsesTexts } from "../texts/responses.ts";
import { eventStream } from "../wire/event-stream.ts";
import { echoed, openaiError } from "./echo.ts";
import type { HttpSurface } from "./http-surface.ts";
import { keyedHeaders } from "./keyed-headers.ts";
import { whyResponseNotAdmitted } from "./responses/admit.ts";
import { passesThrough } from "./responses/passes.ts";
import { createResponseAggregate, responseEvents } from "./responses/stream.ts";
import { accountOf, scopeOf } from "./scope.ts";

const PATH = "/responses";

/** Members that identify the caller, or decide how the answer is billed, routed, delivered or kept. `background: true` passes through. */
const UNKEYED: ReadonlySet<string> = new Set([
  "user",
  "safety_identifier",
  "metadata",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "service_tier",
  "store",
  "stream",
  "stream_options",
  "background",
]);

/** The server keeps answers for 30 days. A caller needs some time to refer to one. */
const KEPT_MS = 29 * 86_400_000;

const BREAKPOINTS = {
  names: new Set(["prompt_cache_breakpoint"]),
  within: new Set(["input", "content", "output"]),
};

/** OpenAI's Responses, also in Azure and in compatible servers. */
export const responsesSurface: HttpSurface<JsonObject, ModelResponse> = {
  surface: {
    specVersion: 1,
    name: "responses",
    model: modelOf,
    unkeyed: UNKEYED,
    check: checkBy(problemOf),
    isAnswer: isResponse,
    admit: (answer, request) => whyResponseNotAdmitted(answer, request) === undefined,
    whyNotAdmitted: whyResponseNotAdmitted,
    tokens: ({ usage }) => ({ prompt: countOf(usage?.input_tokens), completion: countOf(usage?.output_tokens) }),
    finishReason: finishReasonOf,
    texts: responsesTexts,
    aggregate: createResponseAggregate as () => Aggregate<ModelResponse>,
    chunksOf: responseEvents,
  } satisfies Surface<JsonObject, ModelResponse>,
  matches: ({ pathname }) => pathname.endsWith(PATH),
  find({ url, headers, body }) {
    const problem = problemOf(body);
    if (problem !== undefined) return { passes: "no request for a response" };
    const passes = passesThrough(body);
    if (passes !== undefined) return { passes };
    return {
      request: { ...omitNested(body, BREAKPOINTS), ...keyedHeaders(headers, ["openai-beta"]) },
      scope: scopeOf(url, PATH, body.model),
      isStream: body.stream === true,
      // By default the server keeps the answer, and later requests refer to its items.
      ...(body.store !== false && { retention: { account: accountOf(url, headers), ttlMs: KEPT_MS } }),
    };
  },
  echo: (answer, body) => echoed(answer, body) as ModelResponse,
  stream: eventStream({ isNamed: true }),
  view: (body) => (chunk) => {
    const { obfuscation: _, ...event } = chunk as JsonObject;
    return isMembers(event.response) ? { ...event, response: echoed(event.response as JsonObject, body) } : event;
  },
  errorBody: openaiError,
};

/** The answer to a `POST /responses`. */
export interface ModelResponse extends JsonObject {
  readonly status: string;
  readonly output: readonly JsonObject[];
  readonly usage?: JsonObject | null;
  readonly incomplete_details?: JsonObject | null;
}

function problemOf(request: JsonObject): Problem | undefined {
  const { input, prompt } = request;
  const isPrompt = isMembers(prompt); // A template may bring both the model and the input.
  const problem = modelProblem(request);
  if (problem !== undefined && !(isPrompt && !isGiven(request.model))) return problem;
  const isInput = typeof input === "string" || Array.isArray(input) || (isPrompt && !isGiven(input));
  return isInput ? undefined : ["/input", "must be a text or a list of items."];
}

function isResponse(value: unknown): value is ModelResponse {
  if (!isMembers(value) || !isText(value.status)) return false;
  return Array.isArray(value.output) && value.output.every(isMembers);
}

function finishReasonOf({ status, incomplete_details: details }: ModelResponse): string {
  return status === "incomplete" && isText(details?.reason) ? details.reason : status;
}
