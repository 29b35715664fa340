import { isMembers, type JsonObject, type JsonValue } from "@remem/core/plugin";
import { checkBy, countOf, modelOf, modelProblem, type Problem } from "../../json/members.ts";
import { shareOf, sumOf } from "../../json/shares.ts";
import { ollamaEmbeddingsTexts } from "../../texts/inputs.ts";
import { scopeOf } from "../scope.ts";
import { isVector } from "./embedding-format.ts";
import type { ListSurface } from "./list-surface.ts";

const PATH = "/api/embed";

/** The answer to one text, as the server gives it to a request for that text alone. */
interface Embedding extends JsonObject {
  readonly embeddings: readonly [readonly number[]];
}

/** Ollama's own embeddings. */
export const ollamaEmbeddingsSurface: ListSurface<JsonObject, Embedding> = {
  surface: {
    specVersion: 1,
    name: "ollama-embeddings",
    model: modelOf,
    unkeyed: new Set(["keep_alive"]),
    // With `false`, a text that is too long is an error.
    defaults: { truncate: true },
    check: checkBy(problemOf),
    isAnswer: isEmbedding,
    admit: ({ embeddings: [vector] }) => vector.length > 0,
    whyNotAdmitted: () => "no-content",
    texts: ollamaEmbeddingsTexts,
    tokens: ({ prompt_eval_count: prompt }) => ({ prompt: countOf(prompt), completion: 0 }),
  },
  matches: ({ pathname }) => pathname.endsWith(PATH),
  findItems({ url, body }) {
    const { input, ...others } = body;
    const items = textsIn(input).map((text) => ({ ...others, input: text }));
    // Without a text, the server loads the model or unloads it.
    if (items.length === 0 || items.some(problemOf)) return { passes: "no texts to embed" };
    return { items, scope: scopeOf(url, PATH) };
  },
  bodyFor(body, places) {
    const { input } = body;
    return Array.isArray(input) ? { ...body, input: places.map((place) => input[place]!) } : body;
  },
  split(body, count) {
    if (!isMembers(body) || !Array.isArray(body.embeddings) || body.embeddings.length !== count) return undefined;
    const { embeddings, ...envelope } = body;
    const answers = body.embeddings.map((vector: unknown, place): object => ({
      ...shareOf(envelope, place, count),
      embeddings: [vector],
    }));
    return answers.every(isEmbedding) ? answers : undefined;
  },
  join(answers) {
    const envelopes = answers.map(({ embeddings: _, ...envelope }) => envelope);
    return { ...sumOf(envelopes), embeddings: answers.map(({ embeddings: [vector] }) => vector) };
  },
  errorBody: (message) => ({ error: message }),
};

function textsIn(input: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(input)) return input;
  return input === "" ? [] : [input ?? null];
}

function problemOf(request: JsonObject): Problem | undefined {
  return modelProblem(request) ?? (typeof request.input === "string" ? undefined : ["/input", "must be a text."]);
}

function isEmbedding(value: unknown): value is Embedding {
  if (!isMembers(value) || !Array.isArray(value.embeddings)) return false;
  return value.embeddings.length === 1 && isVector(value.embeddings[0]);
}
