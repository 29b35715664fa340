import { InvalidRequestError, isMembers, type JsonObject, type Members } from "@remem/core/plugin";

/** Whether a member is set: it is neither left out nor null. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Whether a member asks for something: it is neither left out nor null, false or an empty list. */
export function isGiven(value: unknown): boolean {
  return isPresent(value) && value !== false && !(Array.isArray(value) && value.length === 0);
}

/** Whether a value is a text that is not blank. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** A count of tokens. A value that is not a number counts as 0, so that one answer never spoils a sum. */
export function countOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}

/** Whether a text is JSON. */
export function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A problem of a request: the JSON Pointer of a member, and what the member must be. */
export type Problem = readonly [pointer: string, problem: string];

/** Makes the `check` of a surface. */
export function checkBy(problemOf: (request: JsonObject) => Problem | undefined): (request: JsonObject) => void {
  return (request) => {
    const problem = problemOf(request);
    if (problem !== undefined) throw new InvalidRequestError(...problem);
  };
}

/** The model that a request names, for the journal. */
export function modelOf({ model }: JsonObject): string | undefined {
  return isText(model) ? model : undefined;
}

/** The problem of a request without the name of a model. */
export function modelProblem({ model }: JsonObject): Problem | undefined {
  return isText(model) ? undefined : ["/model", "must be the name of a model."];
}

/** Appends the lists of an object to those of another, such as the probabilities of tokens. The last value of any other member wins. */
export function appendLists(known: unknown, more: Members): Members {
  const whole: Members = isMembers(known) ? { ...known } : {};
  for (const [name, value] of Object.entries(more)) {
    const list = whole[name];
    whole[name] = Array.isArray(list) && Array.isArray(value) ? [...list, ...value] : value;
  }
  return whole;
}
