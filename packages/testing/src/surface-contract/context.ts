import { type Call, createCall, InvalidRequestError, type JsonObject, type Surface } from "@remem/core";

/** A request and an answer to it. */
export interface SurfaceExample<Request extends object, Answer extends object> {
  /** A request of the surface. */
  readonly request: Request;
  /** An answer to it. */
  readonly answer: Answer;
}

export type JsonExample = SurfaceExample<JsonObject, JsonObject>;
export type JsonSurface = Surface<JsonObject, JsonObject>;

/** The resources of a case. */
export interface CaseContext {
  readonly surface: JsonSurface;
  readonly examples: readonly JsonExample[];
  readonly invalidRequests: readonly JsonObject[];
  readonly malformedAnswers: readonly unknown[];
  readonly incompleteExamples: readonly JsonExample[];
  readonly incompleteStreams: ReadonlyArray<readonly JsonObject[]>;
}

/** A name that no server has a parameter for. */
export const UNKNOWN_MEMBER = "x_remem_contract";

export function callOf(
  surface: JsonSurface,
  { request, answer }: JsonExample,
  onAsk: () => void = () => {},
): Call<JsonObject, JsonObject> {
  return createCall(surface, throughJson(request), {
    provider: "surfaceContract",
    async ask() {
      onAsk();
      return throughJson(answer);
    },
  });
}

export function keyOf(surface: JsonSurface, request: JsonObject): string {
  return callOf(surface, { request, answer: {} }).key;
}

/** The key, or `undefined` if `check` refuses the request. */
export function keyIfValid(surface: JsonSurface, request: JsonObject): string | undefined {
  try {
    return keyOf(surface, request);
  } catch (error) {
    if (InvalidRequestError.is(error)) return undefined;
    throw error;
  }
}

/** Copies without structuredClone, which in Jest copies into another realm, whose objects have other prototypes. */
export function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
