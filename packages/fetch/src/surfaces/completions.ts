import { chatSurface } from "@remem/core";
import { type ChatCompletion, type ChatRequest, isMembers, type JsonObject } from "@remem/core/plugin";
import { checkBy, modelOf, modelProblem, type Problem } from "../json/members.ts";
import { completionsTexts } from "../texts/inputs.ts";
import { eventStream } from "../wire/event-stream.ts";
import { completionChunks, createCompletionAggregate } from "./completions/stream.ts";
import { openaiError } from "./echo.ts";
import type { HttpSurface } from "./http-surface.ts";
import { deploymentIn, scopeOf } from "./scope.ts";
import { streamsWithUsage } from "./streams-with-usage.ts";

const PATH = "/completions";

/** OpenAI's older completions of a prompt, which compatible servers have, too. Its rules are those of Chat Completions. */
export const completionsSurface: HttpSurface<JsonObject, TextCompletion> = {
  surface: {
    specVersion: 1,
    name: "completions",
    model: modelOf,
    unkeyed: chatSurface.unkeyed,
    ...(chatSurface.defaults && { defaults: chatSurface.defaults }),
    check: checkBy(problemOf),
    isAnswer: isTextCompletion,
    admit: (answer, request) => whyNotAdmitted(answer, request) === undefined,
    whyNotAdmitted,
    tokens: ({ usage }) => chatSurface.tokens!({ choices: [], usage } as unknown as ChatCompletion),
    finishReason: ({ choices }) => {
      const reason = choices[0]?.finish_reason;
      return typeof reason === "string" ? reason : undefined;
    },
    texts: completionsTexts,
    aggregate: createCompletionAggregate,
    chunksOf: completionChunks,
  },
  matches: ({ pathname }) => pathname.endsWith(PATH) && !pathname.endsWith(`/chat${PATH}`),
  find({ url, body }) {
    // A deployment of Azure needs no model.
    const model = body.model ?? deploymentIn(url, PATH);
    const request = model === undefined ? body : { ...body, model };
    if (problemOf(request) !== undefined) return { passes: "no request for a completion" };
    return { request, scope: scopeOf(url, PATH, model), isStream: body.stream === true };
  },
  stream: eventStream({ hasDone: true }),
  ...streamsWithUsage,
  errorBody: openaiError,
};

/** The answer to a `POST /completions`. */
export interface TextCompletion extends JsonObject {
  readonly choices: readonly JsonObject[];
  readonly usage?: JsonObject | null;
}

function problemOf(request: JsonObject): Problem | undefined {
  const problem = modelProblem(request);
  if (problem !== undefined) return problem;
  const { prompt } = request;
  return typeof prompt === "string" || Array.isArray(prompt)
    ? undefined
    : ["/prompt", "must be a text, or a list of texts or tokens."];
}

function isTextCompletion(value: unknown): value is TextCompletion {
  if (!isMembers(value) || !Array.isArray(value.choices) || value.choices.length === 0) return false;
  return value.choices.every((choice) => isMembers(choice) && typeof choice.text === "string");
}

function whyNotAdmitted({ choices, ...answer }: TextCompletion, request: JsonObject): string | undefined {
  const asChat = choices.map(({ text, ...choice }) => ({ ...choice, message: { role: "assistant", content: text } }));
  return chatSurface.whyNotAdmitted!(
    { ...answer, choices: asChat } as unknown as ChatCompletion,
    request as unknown as ChatRequest,
  );
}
