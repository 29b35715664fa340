import type { JsonObject } from "@remem/core";
import { surfaceContract } from "@remem/testing";
import { describe, expect, test } from "vitest";
import { moderationsSurface } from "../../src/surfaces/moderations.ts";
import { entryOf, recordedEntries } from "./entries.ts";
import type { AnySurface } from "./streams.ts";

const http: AnySurface = moderationsSurface;
const result = { flagged: false, categories: { violence: false }, category_scores: { violence: 0.25 } };
const answer: JsonObject = { id: "modr-1", model: "omni-moderation-latest", results: [result] };

describe("the surface keeps its contract:", () => {
  const cases = surfaceContract({
    surface: http.surface,
    examples: [
      { request: { input: "a" }, answer },
      { request: { model: "m", input: ["a", "b"] }, answer: { ...answer, results: [result, result] } },
      { request: { model: "m", input: [{ type: "text", text: "a" }] }, answer },
    ],
    invalidRequests: [{}, { model: "m" }, { input: "" }, { input: [] }, { model: 7, input: "a" }],
    malformedAnswers: [{ results: [] }, { results: [{}] }, { error: { message: "overloaded" } }],
  });
  for (const { name, run } of cases) test(name, run);
});

test("a request is keyed by its body and its server", () => {
  const url = new URL("https://api.openai.com/v1/moderations");
  expect(http.matches(url)).toBe(true);
  expect(http.find({ url, headers: new Headers(), body: { input: "a" } })).toEqual({
    request: { input: "a" },
    scope: undefined,
    isStream: false,
  });
  const chat = entryOf(http, { path: "/v1/chat/moderations", headers: {}, body: { input: "a" } });
  expect(entryOf(http, { path: "/v1/moderations", headers: {}, body: { input: "a" } })).not.toEqual(chat);
});

test("what is no request for a moderation passes through", () => {
  const passes = { passes: "no request for a moderation" };
  expect(entryOf(http, { path: "/v1/moderations", headers: {}, body: { text: "a" } })).toEqual(passes);
});

test("recorded calls share an entry where they ask for the same", () => {
  expect(recordedEntries(http)).toMatchInlineSnapshot(`"openai moderations.create"`);
});
