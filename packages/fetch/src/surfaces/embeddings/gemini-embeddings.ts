import { isMembers, type JsonObject, type JsonValue } from "@remem/core/plugin";
import { checkBy, countOf, modelOf, modelProblem, type Problem } from "../../json/members.ts";
import { someObject } from "../../json/omit-nested.ts";
import { shareOf, sumOf } from "../../json/shares.ts";
import { geminiEmbeddingsTexts } from "../../texts/inputs.ts";
import { isFile } from "../gemini/passes.ts";
import { geminiSurface } from "../gemini.ts";
import { decoded } from "../scope.ts";
import { isVector } from "./embedding-format.ts";
import type { ListSurface } from "./list-surface.ts";

/** The version of the API, on Vertex AI a project and a location, the model, and the method. */
const PATH = /^(.*)\/(v\d\w*)(\/.*)?\/models\/([^/:]+):(?:embedContent|batchEmbedContents)$/;

/** The answer to one content, as `embedContent` gives it. */
interface Embedding extends JsonObject {
  readonly embedding: JsonObject & { readonly values: readonly number[] };
}

/** Gemini's embeddings, of one content or of many. */
export const geminiEmbeddingsSurface: ListSurface<JsonObject, Embedding> = {
  surface: {
    specVersion: 1,
    name: "gemini-embeddings",
    model: modelOf,
    unkeyed: new Set(),
    check: checkBy(problemOf),
    isAnswer: isEmbedding,
    admit: ({ embedding }) => embedding.values.length > 0,
    whyNotAdmitted: () => "no-content",
    texts: geminiEmbeddingsTexts,
    tokens: ({ usageMetadata: usage }) => ({
      prompt: countOf(isMembers(usage) ? usage.promptTokenCount : undefined),
      completion: 0,
    }),
  },
  matches: ({ pathname }) => PATH.test(pathname),
  findItems({ url, body }) {
    const [, prefix, apiVersion = "", middle = "", segment = ""] = PATH.exec(url.pathname) ?? [];
    const model = decoded(segment);
    const requests: readonly unknown[] = Array.isArray(body.requests) ? body.requests : [body];
    const items = requests.filter((one) => isMembers(one) && isOf(model, one.model)) as JsonObject[];
    const keyed = items.map((item) => ({ ...item, content: withoutRole(item.content), model, apiVersion }));
    if (items.length === 0 || items.length < requests.length || keyed.some(problemOf)) {
      return { passes: "no request for embeddings" };
    }
    if (someObject(items, isFile)) return { passes: "fileData" };
    return { items: keyed, scope: `${url.origin}${prefix}${middle}` };
  },
  bodyFor(body, places) {
    const { requests } = body;
    return Array.isArray(requests) ? { ...body, requests: places.map((place) => requests[place]!) } : body;
  },
  split(body, count) {
    if (!isMembers(body)) return undefined;
    const { embeddings, embedding, ...envelope } = body;
    const vectors = Array.isArray(embeddings) ? embeddings : [embedding];
    const answers = vectors.map((vector, place) => ({ embedding: vector, ...shareOf(envelope, place, count) }));
    return vectors.length === count && answers.every(isEmbedding) ? answers : undefined;
  },
  join(answers, { requests }) {
    if (!Array.isArray(requests)) return answers[0]!;
    const envelopes = answers.map(({ embedding: _, ...envelope }) => envelope);
    return { embeddings: answers.map(({ embedding }) => embedding), ...sumOf(envelopes) };
  },
  errorBody: geminiSurface.errorBody,
};

function problemOf(request: JsonObject): Problem | undefined {
  const problem = modelProblem(request);
  if (problem !== undefined) return problem;
  return isMembers(request.content) ? undefined : ["/content", "must be a content."];
}

/** Each request of a list repeats the model of the address. */
function isOf(model: string, named: unknown): boolean {
  return named === undefined || (typeof named === "string" && named.replace(/^(?:.*\/)?models\//, "") === model);
}

/** A client may send the role or leave it out, and it changes no vector. */
function withoutRole(content: JsonValue | undefined): JsonValue {
  if (!isMembers(content) || content.role !== "user") return content ?? null;
  const { role: _, ...others } = content;
  return others as JsonObject;
}

function isEmbedding(value: unknown): value is Embedding {
  return isMembers(value) && isMembers(value.embedding) && isVector(value.embedding.values);
}
