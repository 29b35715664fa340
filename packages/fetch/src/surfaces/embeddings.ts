import { InvalidRequestError, type JsonObject, type JsonValue, type Surface } from "@remem/core";
import { modelOf } from "../json/members.ts";
import { openaiError } from "./echo.ts";
import { inFormat, type Vector } from "./embedding-format.ts";
import type { ListSurface } from "./list-surface.ts";
import { deploymentIn, scopeOf } from "./scope.ts";

const PATH = "/embeddings";

/** The answer to one input, as the server gives it to a request for that input alone. */
interface EmbeddingAnswer {
  readonly data: ReadonlyArray<{ readonly embedding: Vector }>;
  readonly usage?: { readonly prompt_tokens?: number; readonly total_tokens?: number };
}

/** One input: a text, or the tokens of one. */
const embeddingSurface: Surface<JsonObject, EmbeddingAnswer & JsonObject> = {
  specVersion: 1,
  name: "embeddings",
  model: modelOf,
  unkeyed: new Set(["encoding_format", "user"]),
  check({ model, input }) {
    if (typeof model !== "string" || model === "")
      throw new InvalidRequestError("/model", "must be the name of a model.");
    if (!isItem(input)) throw new InvalidRequestError("/input", "must be a text or a list of tokens.");
  },
  isAnswer: (value): value is EmbeddingAnswer & JsonObject => answersIn(value, 1) !== undefined,
  admit: ({ data }) => data[0]!.embedding.length > 0,
  whyNotAdmitted: () => "no-content",
  tokens: ({ usage }) => ({ prompt: usage?.prompt_tokens ?? 0, completion: 0 }),
};

/** Embeddings, as OpenAI, Azure and compatible servers have them. */
export const embeddingsSurface: ListSurface<JsonObject, EmbeddingAnswer & JsonObject> = {
  surface: embeddingSurface,
  matches: ({ pathname }) => pathname.endsWith(PATH),
  findItems({ url, body }) {
    const { input, ...others } = body;
    const inputs = inputsIn(input);
    if (inputs === undefined) return { passes: "an input that is neither texts nor tokens" };
    const model = others.model ?? deploymentIn(url, PATH);
    const scope = scopeOf(url, PATH, model);
    return { items: inputs.map((item) => ({ ...others, ...(model !== undefined && { model }), input: item })), scope };
  },
  bodyFor(body, places) {
    const inputs = inputsIn(body.input)!;
    return places.length === inputs.length ? body : { ...body, input: places.map((place) => inputs[place]!) };
  },
  split: answersIn,
  join(answers, { encoding_format: format }) {
    const [first] = answers;
    const data = answers.map(({ data: [item] }, index) => ({
      ...item!,
      index,
      embedding: inFormat(item!.embedding, format === "base64"),
    }));
    const sum = (name: "prompt_tokens" | "total_tokens"): number =>
      answers.reduce((total, { usage }) => total + (usage?.[name] ?? 0), 0);
    const usage = { ...first?.usage, prompt_tokens: sum("prompt_tokens"), total_tokens: sum("total_tokens") };
    return { ...first, data, ...(first?.usage !== undefined && { usage }) } as JsonObject;
  },
  errorBody: openaiError,
};

/** The inputs of a request: a list of numbers is one, as tokens. Undefined for what is no input. */
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
  if (!Array.isArray(data) || data.length !== count) return undefined;
  const items: unknown[] = new Array(count).fill(undefined);
  for (const [at, item] of data.entries()) {
    if (!isVector(item?.embedding)) return undefined;
    items[typeof item.index === "number" ? item.index : at] = { ...item, index: 0 };
  }
  if (items.length !== count || items.includes(undefined)) return undefined;
  return items.map((item, place) => ({
    ...envelope,
    data: [item],
    ...(usage != null && { usage: shareOf(usage, place, count) }),
  })) as unknown as Array<EmbeddingAnswer & JsonObject>;
}

function shareOf(usage: object, place: number, count: number): object {
  const shares = Object.entries(usage).map(([name, total]) => {
    if (typeof total !== "number") return [name, total];
    return [name, Math.floor((total * (place + 1)) / count) - Math.floor((total * place) / count)];
  });
  return Object.fromEntries(shares);
}

function isVector(value: unknown): value is Vector {
  return typeof value === "string" || (Array.isArray(value) && value.every((number) => typeof number === "number"));
}
