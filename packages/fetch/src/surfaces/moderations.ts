import { isMembers, type JsonObject } from "@remem/core/plugin";
import { checkBy, isGiven, isText, modelOf, type Problem } from "../json/members.ts";
import { moderationsTexts } from "../texts/inputs.ts";
import { openaiError } from "./echo.ts";
import type { HttpSurface } from "./http-surface.ts";
import { scopeOf } from "./scope.ts";

const PATH = "/moderations";

/** OpenAI's moderations, which compatible servers have, too. */
export const moderationsSurface: HttpSurface<JsonObject, Moderation> = {
  surface: {
    specVersion: 1,
    name: "moderations",
    model: modelOf,
    unkeyed: new Set(["user", "metadata"]),
    check: checkBy(problemOf),
    isAnswer: isModeration,
    texts: moderationsTexts,
    admit: () => true, // There are no partial moderations.
  },
  matches: ({ pathname }) => pathname.endsWith(PATH),
  find({ url, body }) {
    if (problemOf(body) !== undefined) return { passes: "no request for a moderation" };
    return { request: body, scope: scopeOf(url, PATH), isStream: false };
  },
  errorBody: openaiError,
};

/** The answer to a `POST /moderations`. */
export interface Moderation extends JsonObject {
  readonly results: readonly JsonObject[];
}

/** The server has a default model. */
function problemOf({ model, input }: JsonObject): Problem | undefined {
  if (isGiven(model) && !isText(model)) return ["/model", "must be the name of a model."];
  return isText(input) || (Array.isArray(input) && input.length > 0)
    ? undefined
    : ["/input", "must be a text, or a list of texts or parts."];
}

function isModeration(value: unknown): value is Moderation {
  if (!isMembers(value) || !Array.isArray(value.results) || value.results.length === 0) return false;
  return value.results.every((result) => isMembers(result) && isMembers(result.categories));
}
