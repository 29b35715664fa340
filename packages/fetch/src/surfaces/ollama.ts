import {
  isMembers,
  type JsonObject,
  membersOf,
  type Surface,
  type SurfaceTexts,
  withoutFence,
} from "@remem/core/plugin";
import { checkBy, countOf, isGiven, isText, modelOf, modelProblem, type Problem, parses } from "../json/members.ts";
import { numberIds } from "../json/omit-nested.ts";
import { ollamaChatTexts, ollamaGenerateTexts } from "../texts/ollama.ts";
import { jsonLines } from "../wire/lines.ts";
import type { HttpSurface } from "./http-surface.ts";
import { createLinesAggregate, type LineTexts, linesOf } from "./ollama/stream.ts";
import { scopeOf } from "./scope.ts";

/** The differences between the two kinds of requests. */
interface Kind {
  readonly name: string;
  readonly path: string;
  /** The place of the texts in a stream. */
  readonly lines: LineTexts;
  readonly texts: SurfaceTexts;
  problemOf(request: JsonObject): Problem | undefined;
  /** Returns why a request passes through. */
  passes(body: JsonObject): string | undefined;
  isAnswer(answer: JsonObject): boolean;
}

/** LangChain makes up ids of calls. */
const CALL_IDS = { names: new Set(["id", "tool_call_id"]), within: new Set(["messages", "tool_calls"]) };

/** Ollama's own chat. */
export const ollamaChatSurface: HttpSurface = ollamaSurface({
  name: "ollama-chat",
  path: "/api/chat",
  lines: { within: "message", names: ["thinking", "content"] },
  texts: ollamaChatTexts,
  problemOf: ({ messages }) => (Array.isArray(messages) ? undefined : ["/messages", "must be a list of messages."]),
  passes: ({ messages }) => (isGiven(messages) ? undefined : "no messages"),
  isAnswer: ({ message }) => isMembers(message),
});

/** Ollama's completion of a prompt. */
export const ollamaGenerateSurface: HttpSurface = ollamaSurface({
  name: "ollama-generate",
  path: "/api/generate",
  lines: { names: ["thinking", "response"] },
  texts: ollamaGenerateTexts,
  problemOf: ({ prompt }) => (typeof prompt === "string" ? undefined : ["/prompt", "must be a text."]),
  passes({ prompt, context }) {
    if (prompt === "") return "no prompt"; // The server loads the model, or unloads it.
    return isGiven(context) ? "context" : undefined;
  },
  isAnswer: ({ response }) => typeof response === "string",
});

function ollamaSurface(kind: Kind): HttpSurface {
  const { name, path, lines, texts } = kind;
  const problemOf = (request: JsonObject) => modelProblem(request) ?? kind.problemOf(request);
  const whyNotAdmitted = (answer: JsonObject, request: JsonObject) =>
    notAdmitted(answer, lines.within === undefined ? answer : answer[lines.within], request);
  const surface: Surface = {
    specVersion: 1,
    name,
    model: modelOf,
    unkeyed: new Set(["stream", "keep_alive"]),
    check: checkBy(problemOf),
    isAnswer: (value): value is JsonObject => isMembers(value) && kind.isAnswer(value as JsonObject),
    admit: (answer, request) => whyNotAdmitted(answer, request) === undefined,
    whyNotAdmitted,
    tokens: ({ prompt_eval_count: prompt, eval_count: answer }) => ({
      prompt: countOf(prompt),
      completion: countOf(answer),
    }),
    finishReason: ({ done_reason: reason }) => (isText(reason) ? reason : undefined),
    texts,
    aggregate: () => createLinesAggregate(lines),
    chunksOf: (answer, options) => linesOf(answer, lines, options),
  };
  return {
    surface,
    matches: ({ pathname }) => pathname.endsWith(path),
    find({ url, body }) {
      if (problemOf(body) !== undefined) return { passes: `no request for ${path}` };
      const passes = kind.passes(body);
      if (passes !== undefined) return { passes };
      return { request: numberIds(body, CALL_IDS), scope: scopeOf(url, path), isStream: body.stream !== false };
    },
    stream: jsonLines,
    errorBody: (message) => ({ error: message }),
  };
}

/** Returns why an answer with this text is not stored; `undefined` if it is. */
function notAdmitted(answer: JsonObject, said: unknown, request: JsonObject): string | undefined {
  const { done, done_reason: reason } = answer;
  const { options, format } = request;
  const isLimited = isMembers(options) && countOf(options.num_predict) > 0;
  if (done !== true || !(reason === "stop" || (reason === "length" && isLimited))) return "finish-reason";
  if (!isMembers(said)) return "no-content";
  const calls = membersOf(said.tool_calls);
  if (calls.length > 0) {
    const areNamed = calls.every((call) => isMembers(call.function) && isText(call.function.name));
    return areNamed ? undefined : "invalid-tool-call";
  }
  const text = said.content ?? said.response;
  if (!isText(text)) return "no-content";
  return isGiven(format) && format !== "" && !parses(withoutFence(text)) ? "invalid-json" : undefined;
}
