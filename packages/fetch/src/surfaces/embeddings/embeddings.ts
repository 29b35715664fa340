import { InvalidRequestError, type JsonObject, type JsonValue, type Surface } from "@remem/core";
import { countOf, modelOf } from "../../json/members.ts";
import { shareOf, sumOf } from "../../json/shares.ts";
import { embeddingsTexts } from "../../texts/inputs.ts";
import { openaiError } from "../echo.ts";
import { deploymentIn, scopeOf } from "../scope.ts";
import { inFormat, isVector, type Vector } from "./embedding-format.ts";
import type { ListSurface } from "./list-surface.ts";

const PATH = "/embeddings";

/** The answer to one input, as the server gives it to a request for that input alone. */
interface EmbeddingAnswer {
  readonly data?: ReadonlyArray<{ readonly embedding: Vector }>;
  /** The vector, as Ollama's older API gives it. */
  readonly embedding?: Vector;
  readonly usage?: { readonly prompt_tokens?: number; readonly total_tokens?: number };
}

/** One input: a text, or the tokens of one. Ollama's older API, whose address has the same ending, has one text as `prompt`. */
const embeddingSurface: Surface<JsonObject, EmbeddingAnswer & JsonObject> = {
  specVersion: 1,
  name: "embeddings",
  model: modelOf,
  unkeyed: new Set(["encoding_format", "user"]),
  check({ model, input, prompt }) {
    if (typeof model !== "string" || model === "")
      throw new InvalidRequestError("/model", "must be the name of a model.");
    if (!isItem(input) && typeof prompt !== "string")
      throw new InvalidRequestError("/input", "must be a text or a list of tokens.");
  },
  isAnswer: (value): value is EmbeddingAnswer & JsonObject => answersIn(value, 1) !== undefined,
  admit: (answer) => itemOf(answer).embedding.length > 0,
  whyNotAdmitted: () => "no-content",
  texts: embeddingsTexts,
  tokens: ({ usage }) => ({ prompt: countOf(usage?.prompt_tokens), completion: 0 }),
};

/** Embeddings, as OpenAI, Azure and compatible servers have them. */
export const embeddingsSurface: ListSurface<JsonObject, EmbeddingAnswer & JsonObject> = {
  surface: embeddingSurface,
  matches: ({ pathname }) => pathname.endsWith(PATH),
  findItems({ url, body }) {
    const { input, ...others } = body;
    if (isPrompt(body)) {
      const { keep_alive: _, ...request } = others;
      return { items: [request], scope: scopeOf(url, PATH) };
    }
    const inputs = inputsIn(input);
    if (inputs === undefined) return { passes: "an input that is neither texts nor tokens" };
    const model = others.model ?? deploymentIn(url, PATH);
    const scope = scopeOf(url, PATH, model);
    return { items: inputs.map((item) => ({ ...others, ...(model !== undefined && { model }), input: item })), scope };
  },
  bodyFor(body, places) {
    const inputs = inputsIn(body.input) ?? [];
    return isPrompt(body) || places.length === inputs.length
      ? body
      : { ...body, input: places.map((place) => inputs[place]!) };
  },
  split: answersIn,
  join(answers, { encoding_format: format }) {
    const [first] = answers;
    if (first!.data === undefined && answers.length === 1) return first!;
    const data = answers.map(itemOf).map((item, index) => ({
      ...item,
      index,
      embedding: inFormat(item.embedding, format === "base64"),
    }));
    const usage = sumOf(answers.map((answer) => answer.usage));
    return { ...first, data, ...(usage !== undefined && { usage }) } as JsonObject;
  },
  errorBody: openaiError,
};

function itemOf({ data, embedding = [] }: EmbeddingAnswer): { readonly embedding: Vector } {
  return data?.[0] ?? { embedding };
}

/** Whether this is a request of Ollama's older API. */
function isPrompt({ input, prompt }: JsonObject): boolean {
  return input === undefined && typeof prompt === "string" && prompt !== "";
}

/** The inputs of a request: a list of numbers is one input, as tokens. Undefined for any other value. */
function inputsIn(input: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (isItem(input)) return [input as JsonValue];
  return Array.isArray(input) && input.length > 0 && input.every(isItem) ? (input as JsonValue[]) : undefined;
}

function isItem(input: unknown): boolean {
  if (typeof input === "string") return true;
  return Array.isArray(input) && input.length > 0 && input.every((token) => typeof token === "number");
}

/** Splits an answer to several inputs. Each has an equal share of the usage, and all shares together are the whole. */
function answersIn(body: unknown, count: number): Array<EmbeddingAnswer & JsonObject> | undefined {
  const { data, usage, ...envelope } = (body ?? {}) as { data?: unknown; usage?: EmbeddingAnswer["usage"] };
  if (data === undefined && count === 1 && isVector((envelope as EmbeddingAnswer).embedding)) {
    return [body as EmbeddingAnswer & JsonObject];
  }
  if (!Array.isArray(data) || data.length !== count) return undefined;
  const items: unknown[] = new Array(count).fill(undefined);
  for (const [at, item] of data.entries()) {
    if (typeof item?.embedding !== "string" && !isVector(item?.embedding)) return undefined;
    items[typeof item.index === "number" ? item.index : at] = { ...item, index: 0 };
  }
  if (items.length !== count || items.includes(undefined)) return undefined;
  return items.map((item, place) => ({
    ...envelope,
    data: [item],
    ...(usage != null && { usage: shareOf(usage, place, count) }),
  })) as unknown as Array<EmbeddingAnswer & JsonObject>;
}
